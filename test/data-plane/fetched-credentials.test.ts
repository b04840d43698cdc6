/**
 * Requests to a provider whose credentials are fetched: signed, sent again with others where they are taken no more or this
 * host's clock is wrong, and elsewhere if there are none.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { loadConfig } from '../../src/config/load.ts';
import { credentialsIdentity } from '../../src/providers/wanted-credentials.ts';
import type { HeldCredentials } from '../../src/shared/held-credentials.ts';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { errorOf, jsonHeaders, plainAnswer } from './plane-fixture.ts';
import { type Answers, type FakeProvider, failing, fine, routingFixture } from './routing-fixture.ts';

const aws = { type: 'bedrock', region: 'eu-central-1' } as const;
const target = { provider: 'a', model: 'us.openai.gpt-6-sol' };

/** The identity of what such a provider wants. */
const identity = (() => {
  const input = { providers: { a: aws }, models: { m: { targets: [target] } } };
  const { providers } = loadConfig({ source: { kind: 'object', name: 'test', input } });
  const found = providers.a === undefined ? null : credentialsIdentity(providers.a);
  if (found === null) throw new Error('it wants none');
  return found;
})();

function held(version: number, more: Partial<HeldCredentials> = {}): HeldCredentials {
  const values = {
    accessKeyId: `AKID${version}`,
    secretAccessKey: `secret-key-${version}`,
    sessionToken: `token-${version}`,
  };
  return { identity, version, values, expiresAtMs: Date.now() + 3_600_000, fetchedAtMs: Date.now() - 600_000, ...more };
}

/** What AWS says, as it says it. */
function refusing(name: string, message: string, date = new Date()): Answers {
  return (outgoing) =>
    outgoing
      .writeHead(403, { ...jsonHeaders, 'x-amzn-errortype': name, date: date.toUTCString() })
      .end(JSON.stringify({ message }));
}

describe('a provider whose credentials are fetched', () => {
  const fixture = routingFixture();
  let a: FakeProvider;
  let plane: RunningPlane;
  /** The headers of all requests to it. */
  let heads: Readonly<Record<string, unknown>>[];

  beforeEach(async () => {
    heads = [];
    a = await fixture.fake();
    answer(fine);
    plane = await fixture.start({ models: { 'gpt-4': { targets: [target] } }, providers: { a }, more: { a: aws } });
  });

  afterEach(() => fixture.close());

  /** Answers so, and keeps the heads of the requests. */
  function answer(...each: readonly Answers[]): void {
    let count = 0;
    a.answer((outgoing, body) => {
      heads.push(outgoing.req.headers);
      const next = each[Math.min(count, each.length - 1)];
      count += 1;
      next?.(outgoing, body);
    });
  }

  const attempts = () => plane.events.filter((event) => event.type === 'attempt-ended');

  it('gets requests with a signature', async () => {
    plane.credentials.take([held(1)]);
    expect((await plane.ask()).status).to.equal(200);
    expect(heads[0]?.authorization).to.match(
      /^AWS4-HMAC-SHA256 Credential=AKID1\/\d{8}\/eu-central-1\/bedrock\/aws4_request, /,
    );
    expect(heads[0]).to.include({ 'x-amz-security-token': 'token-1' });
    plane.credentials.take([held(2)]);
    await plane.ask();
    expect(heads[1]?.authorization).to.contain('Credential=AKID2/');
  });

  it('is asked as soon as its first credentials have come', async () => {
    const answered = plane.ask();
    setImmediate(() => plane.credentials.take([held(1)]));
    expect((await answered).status).to.equal(200);
    expect(heads).to.have.lengthOf(1);
  });

  it('is not asked without, which is named, blamed on nobody, and leads to another target', async () => {
    const without = await plane.ask();
    expect(without.status).to.equal(503);
    expect(await errorOf(without)).to.deep.include({
      code: 'provider_credentials',
      message: 'The gateway has no valid credentials for the provider a now.',
    });
    expect(heads).to.deep.equal([]);
    expect(attempts()).to.have.lengthOf(1);
    expect(attempts()[0]).to.include({ outcome: 'no_credentials', verdict: 'neutral' });
    expect(plane.count({ type: 'cooldown-started' })).to.equal(0);
    expect(plane.warned).to.deep.equal([
      'provider a was not asked, or refused: no valid credentials of it could be fetched',
    ]);
    const b = await fixture.fake();
    const models = { 'gpt-4': { targets: [target, { provider: 'b', model: 'm' }] } };
    const both = await fixture.start({ models, providers: { a, b }, more: { a: aws } });
    expect((await both.ask()).status).to.equal(200);
    expect(both.count({ type: 'failover', from: 'a', to: 'b' })).to.equal(1);
  });

  it('is not asked with what has ended', async () => {
    plane.credentials.take([held(1, { expiresAtMs: Date.now() - 1 })]);
    expect((await plane.ask()).status).to.equal(503);
    expect(heads).to.deep.equal([]);
  });

  it('gets the request again with others, where it takes these no more', async () => {
    plane.credentials.take([held(1)]);
    answer(refusing('ExpiredTokenException', 'The security token included in the request is expired'), fine);
    const answered = plane.ask();
    while (plane.refused.length === 0) await new Promise(setImmediate);
    plane.credentials.take([held(2)]);
    expect((await answered).status).to.equal(200);
    expect(plane.refused).to.deep.equal([{ identity, version: 1 }]);
    expect(heads.map(({ authorization }) => /AKID\d/.exec(String(authorization))?.[0])).to.deep.equal([
      'AKID1',
      'AKID2',
    ]);
    expect(attempts().map(({ outcome }) => outcome)).to.deep.equal(['success']);
  });

  it('cools down for nobody where no others come', async () => {
    plane.credentials.take([held(1)]);
    answer(failing(401));
    const refused = await plane.ask();
    expect((await errorOf(refused)).code).to.equal('provider_credentials');
    expect(plane.count({ type: 'cooldown-started' })).to.equal(0);
    expect(heads).to.have.lengthOf(1);
  });

  it('refuses its caller like any other key, where it refuses what is fresh', async () => {
    plane.credentials.take([held(1, { fetchedAtMs: Date.now() })]);
    answer(failing(401));
    expect((await errorOf(await plane.ask())).code).to.equal('provider_auth');
    expect(plane.count({ type: 'cooldown-started', reason: 'auth' })).to.equal(1);
    expect(plane.refused).to.deep.equal([]);
  });

  it('gets a signature of its own time, once it has said what that is', async () => {
    plane.credentials.take([held(1)]);
    const theirs = new Date(Date.now() + 3_600_000);
    answer(refusing('InvalidSignatureException', 'Signature expired: it is earlier than …', theirs), fine);
    expect((await plane.ask()).status).to.equal(200);
    const stamp = (date: Date) => date.toISOString().replace(/[-:]/g, '').slice(0, 13);
    expect(String(heads[0]?.['x-amz-date']).slice(0, 13)).to.equal(stamp(new Date()));
    expect(String(heads[1]?.['x-amz-date']).slice(0, 13)).to.equal(stamp(theirs));
    await plane.ask();
    expect(String(heads[2]?.['x-amz-date']).slice(0, 13)).to.equal(stamp(theirs));
    expect(attempts().map(({ outcome }) => outcome)).to.deep.equal(['success', 'success']);
    expect(plane.count({ type: 'cooldown-started' })).to.equal(0);
  });

  it('is asked at most twice about the time, which opens and cools down nothing', async () => {
    plane.credentials.take([held(1)]);
    const theirs = new Date(Date.now() + 3_600_000);
    answer(refusing('InvalidSignatureException', 'Signature expired: it is earlier than …', theirs));
    for (let request = 0; request < 8; request += 1) expect((await plane.ask()).status).to.equal(503);
    expect(heads.length, 'the clock is known after the first').to.equal(9);
    expect(attempts().every(({ verdict }) => verdict === 'neutral')).to.equal(true);
    expect(plane.count({ type: 'cooldown-started' })).to.equal(0);
  });

  it('shows no secret that was fetched to its clients or in the log', async () => {
    plane.credentials.take([held(1)]);
    answer((outgoing) => outgoing.writeHead(400, jsonHeaders).end('{"message":"your key is secret-key-1"}'));
    const text = await (await plane.ask()).text();
    expect(text).to.contain('your key is [redacted]');
    answer((outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer));
    await plane.ask();
    expect(JSON.stringify([plane.logged, plane.warned, plane.events])).to.not.match(/secret-key-1|token-1/);
  });
});
