/**
 * Fetched credentials with real processes: one fetch for all workers, an outage of the place where they are fetched, and
 * workers whose primary is gone.
 */

import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { plainAnswer } from '../data-plane/plane-fixture.ts';
import { TokenEndpoints } from '../helpers/token-endpoints.ts';

const WORKERS = 2;
/** What no page and no log may show. */
const SECRETS = /secret-key-\d|session-token-\d|web-token/;

describe('fetched credentials of a whole gateway', () => {
  let endpoints: TokenEndpoints;
  let provider: http.Server;
  let place: ReturnType<typeof temporaryFolder>;
  /** The ids of the access keys with which requests came. */
  let keys: string[];
  /** The key that is refused. */
  let ended: string | null;

  beforeEach(async () => {
    endpoints = await TokenEndpoints.start();
    place = temporaryFolder('credentials');
    writeFileSync(`${place.folder}/token`, 'web-token');
    [keys, ended] = [[], null];
    provider = http.createServer((incoming, outgoing) => {
      incoming.resume();
      const key = /Credential=(\w+)/.exec(incoming.headers.authorization ?? '')?.[1] ?? 'none';
      keys.push(key);
      outgoing.setHeader('content-type', 'application/json');
      if (key !== ended) outgoing.end(plainAnswer);
      else outgoing.writeHead(403, { 'x-amzn-errortype': 'ExpiredTokenException' }).end('{"message":"it is expired"}');
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_STS = endpoints.origin;
  });

  afterEach(async () => {
    delete process.env.AWS_ENDPOINT_URL_STS;
    await endGateways();
    provider.close();
    provider.closeAllConnections();
    endpoints.stop();
    place.remove();
  });

  function start(workers = WORKERS): Promise<RunningGateway> {
    const aws = {
      type: 'bedrock',
      base_url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      role_arn: 'arn:aws:iam::123456789012:role/gateway',
      web_identity_token_file: `${place.folder}/token`,
    };
    return startGateway({
      server: { port: 0 },
      admin: { port: 0 },
      workers,
      providers: { aws },
      models: { 'gpt-4': { targets: [{ provider: 'aws', model: 'us.openai.gpt-6-sol' }] } },
    });
  }

  async function statuses(gateway: RunningGateway, count: number): Promise<number[]> {
    const answers = await Promise.all(Array.from({ length: count }, () => gateway.complete()));
    for (const answer of answers) await answer.text();
    return [...new Set(answers.map(({ status }) => status))];
  }

  const readiness = async ({ adminUrl }: RunningGateway) => {
    const answer = await fetch(`${adminUrl}/readyz`);
    return { status: answer.status, ...((await answer.json()) as object) };
  };

  it('are fetched once for all requests of all workers, and shown nowhere', async () => {
    const gateway = await start(4);
    expect(await statuses(gateway, 40)).to.deep.equal([200]);
    expect(endpoints.asked.map(({ form }) => form.WebIdentityToken)).to.deep.equal(['web-token']);
    expect(new Set(keys)).to.deep.equal(new Set(['AKIDFETCHED1']));
    expect(await gateway.metric('llm_credentials_expiry_seconds{provider="aws"}')).to.be.within(3_500, 3_600);
    expect(await gateway.metric('llm_credentials_refresh_failures_total{provider="aws"}')).to.equal(0);
    expect(await readiness(gateway)).to.deep.equal({ status: 200, ready: true, reason: null });
    const pages = await Promise.all(
      ['/', '/metrics', '/api/status', '/readyz'].map((path) => fetch(gateway.adminUrl + path)),
    );
    for (const page of pages) expect(await page.text()).to.not.match(SECRETS);
    expect(gateway.output + gateway.errorOutput).to.not.match(SECRETS);
  });

  it('are renewed once when a provider refuses them, whichever workers hear of it', async () => {
    const gateway = await start();
    expect(await statuses(gateway, 8)).to.deep.equal([200]);
    // Fresh ones are not fetched again because a provider refuses them.
    const left = () => gateway.metric('llm_credentials_expiry_seconds{provider="aws"}');
    await eventually('they are not fresh', async () => ((await left()) ?? 0) < 3_593, 20_000, 200);
    ended = 'AKIDFETCHED1';
    expect(await statuses(gateway, 20)).to.deep.equal([200]);
    expect(endpoints.asked).to.have.lengthOf(2);
  });

  it('that cannot be had make the gateway not ready, until they can', async () => {
    endpoints.failure = { status: 503, body: '' };
    const gateway = await start();
    expect(await readiness(gateway)).to.deep.equal({
      status: 503,
      ready: false,
      reason: 'no target has credentials',
      problems: ['there are no valid credentials of provider aws: see the status'],
    });
    expect((await gateway.complete()).status).to.equal(503);
    expect(keys).to.deep.equal([]);
    const [shown] = (await gateway.status()).credentials;
    expect(shown).to.include({ provider: 'aws', kind: 'sigv4', usable: false, expiresAt: null });
    expect(shown?.problem).to.match(/answers 503/);
    expect(await gateway.metric('llm_credentials_expiry_seconds{provider="aws"}')).to.equal(0);
    expect(await gateway.metric('llm_credentials_refresh_failures_total{provider="aws"}')).to.be.above(0);
    endpoints.failure = null;
    await eventually('it is ready', async () => (await readiness(gateway)).status === 200);
    expect(await statuses(gateway, 8)).to.deep.equal([200]);
  });

  it('live on while their refresh fails', async () => {
    endpoints.lifeSeconds = 20;
    const gateway = await start();
    expect(await statuses(gateway, 4)).to.deep.equal([200]);
    endpoints.failure = { status: 500, body: '' };
    const failures = () => gateway.metric('llm_credentials_refresh_failures_total{provider="aws"}');
    await eventually('a refresh has failed', async () => ((await failures()) ?? 0) > 0, 20_000, 100);
    expect(await statuses(gateway, 8)).to.deep.equal([200]);
    expect((await readiness(gateway)).status).to.equal(200);
    endpoints.failure = null;
    await eventually(
      'others are there',
      async () => {
        await gateway.complete();
        return keys.at(-1) !== 'AKIDFETCHED1';
      },
      20_000,
      100,
    );
    expect(gateway.output).to.contain('credentials of aws could not be fetched').and.to.not.match(SECRETS);
  });

  it('are fetched by workers whose primary is gone', async () => {
    endpoints.lifeSeconds = 12;
    const gateway = await start();
    expect(await statuses(gateway, 4)).to.deep.equal([200]);
    process.kill(gateway.pid, 'SIGKILL');
    const before = endpoints.asked.length;
    await eventually('all have fetched', () => endpoints.asked.length >= before + WORKERS, 20_000, 100);
    expect(await statuses(gateway, 8)).to.deep.equal([200]);
    expect(keys.at(-1)).to.not.equal('AKIDFETCHED1');
  });
});
