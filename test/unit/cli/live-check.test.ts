/** The live check against providers on real sockets: what it calls each failure, and what it advises. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { tryTarget } from '../../../src/cli/live-check.ts';
import { checkTargets } from '../../../src/cli/live-targets.ts';
import type { FaultInput } from '../../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../../src/mock/server.ts';
import { dialectsAt, providerOf } from '../../../src/providers/registry.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../../../src/shared/config.ts';
import { oneProxy } from '../../../src/shared/egress/proxy-rules.ts';
import { certificates } from '../../helpers/certificates.ts';
import { inFolder, load, smallest } from '../../helpers/config-text.ts';
import { startTlsFront, startUnixFront } from '../../helpers/front.ts';
import { startProxy } from '../../helpers/proxy.ts';
import { testKey } from '../../helpers/test-config.ts';

const fixture = load(smallest);

function providerAt(
  type: 'openai' | 'anthropic',
  baseUrl: string,
  more: Partial<ProviderConfig> = {},
): [ProviderConfig, ProviderKey, TargetConfig] {
  const target = fixture.models['gpt-4']?.targets[0];
  if (fixture.providers.local === undefined || target === undefined) throw new Error('the fixture lacks its provider');
  const dialects = dialectsAt(providerOf(type), baseUrl);
  const timeouts = { ...target.timeouts, connectMs: 500 };
  const key = testKey('sk-canary');
  const provider = { ...fixture.providers.local, type, baseUrl, dialects, keys: [key], ...more };
  return [provider, key, { ...target, timeouts }];
}

describe('tryTarget', () => {
  let mock: RunningMock;
  let closers: (() => Promise<unknown>)[];
  beforeEach(async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    closers = [];
  });
  afterEach(async () => {
    for (const close of closers) await close();
    await mock.close();
  });

  const failure = async (baseUrl: string, more: Partial<ProviderConfig> = {}) =>
    (await tryTarget(...providerAt('openai', baseUrl, more)))?.failure;
  const url = () => `http://127.0.0.1:${mock.port}/v1`;

  it('gets a completion from each type', async () => {
    expect(await failure(url())).to.equal(null);
    const anthropic = await startMock({ dialect: 'anthropic', port: 0 });
    closers.push(() => anthropic.close());
    const result = await tryTarget(...providerAt('anthropic', `http://127.0.0.1:${anthropic.port}`));
    expect(result?.failure).to.equal(null);
  });

  it('gets a response where a provider has nothing else for chats', async () => {
    expect(await failure(url(), { dialects: ['openai-responses'] })).to.equal(null);
  });

  it('asks nothing of a provider without an API for chats', async () => {
    expect(await tryTarget(...providerAt('openai', url(), { dialects: ['openai-embeddings'] }))).to.equal(null);
  });

  it('fetches credentials where a provider has no key, and says why there are none', async () => {
    const [provider, , target] = providerAt('openai', url());
    const none = testKey('');
    const signed = { ...provider, type: 'bedrock', dialects: ['openai-chat'], keys: [none] };
    const gpt = { ...target, model: 'us.openai.gpt-6-sol' };
    const settings = { region: 'eu-central-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret' };
    const baseUrl = `http://127.0.0.1:${mock.port}`;
    const asked = await tryTarget({ ...signed, baseUrl, settings }, none, gpt);
    expect(asked?.failure, 'at a path that the fake one does not have').to.include({ status: 404 });
    const elsewhere = { region: 'eu-central-1', role_arn: 'arn', web_identity_token_file: '/none' };
    const without = await tryTarget({ ...signed, settings: elsewhere }, none, gpt);
    expect(without?.failure).to.include({
      cause: 'credentials',
      message: 'without credentials: there is no file at /none',
    });
  });

  it('sends the headers of the provider', async () => {
    let seen: unknown;
    const server = createServer((request, response) => {
      seen = request.headers['openai-project'];
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const found = await failure(`http://127.0.0.1:${port}/v1`, { headers: { 'openai-project': 'p-1' } });
    expect(seen).to.equal('p-1');
    expect(found, 'an object without choices').to.include({ cause: 'wrong-form', status: 200 });
  });

  for (const [what, fault, cause, cure] of [
    [
      'a refused key',
      { status: 401, body: { error: { message: 'bad key' } } },
      'key',
      /credentials of providers\.local/,
    ],
    ['a key that may not', { status: 403, body: { error: { message: 'no' } } }, 'forbidden', /may do, and from where/],
    ['an unknown model', { status: 404 }, 'model', /correct the model gpt-4/],
    ['an unknown path', { status: 404, body: 'not here' }, 'path', /correct providers\.local\.base_url/],
    ['a rate limit', { status: 429 }, 'rate-limit', /try again later/],
    ['a broken provider', { status: 503 }, 'server-error', /status page of local/],
    ['a refused request', { status: 400, body: { error: { message: 'no' } } }, 'refused', /may not take plain chats/],
  ] as const) {
    it(`tells ${what}, and what to do`, async () => {
      mock.control.setFault({ kind: 'status', ...fault } as FaultInput);
      const found = await failure(url());
      expect(found).to.include({ cause, status: fault.status });
      expect(found?.message).to.match(new RegExp(`^${fault.status}`));
      expect(found?.cure).to.match(cure);
    });
  }

  it("quotes the provider's message in one line", async () => {
    mock.control.setFault({
      kind: 'status',
      status: 400,
      body: { error: { message: 'no\nsuch thing' } },
    } as FaultInput);
    expect((await failure(url()))?.message).to.equal('400 no such thing');
  });

  it('tells a name without an address, and a port without a server', async () => {
    expect(await failure('http://none.invalid/v1')).to.include({ cause: 'name', status: null });
    const gone = await startProxy();
    await gone.close();
    const found = await failure(`http://127.0.0.1:${gone.port}/v1`);
    expect(found).to.include({ cause: 'connect', message: `no connection to 127.0.0.1:${gone.port} (ECONNREFUSED)` });
  });

  it('takes the proxy, and tells what it refuses', async () => {
    const proxy = await startProxy();
    closers.push(() => proxy.close());
    proxy.hosts.set('provider.invalid', '127.0.0.1');
    const far = `http://provider.invalid:${mock.port}/v1`;
    expect(await failure(far, { proxy: oneProxy(proxy.url) })).to.equal(null);
    expect(proxy.asked).to.have.lengthOf(1);
    proxy.credentials = 'user:secret';
    expect(await failure(far, { proxy: oneProxy(proxy.url) })).to.include({ cause: 'proxy-auth' });
    const tls = 'https://provider.invalid/v1';
    expect(await failure(tls, { proxy: oneProxy(proxy.url) })).to.include({ cause: 'proxy-auth', status: null });
    const withSecret = oneProxy(proxy.url.replace('//', '//user:secret@'));
    proxy.refusal = 403;
    expect(await failure(tls, { proxy: withSecret })).to.include({ cause: 'proxy-refused' });
    proxy.refusal = 502;
    const found = await failure(tls, { proxy: withSecret });
    expect(found).to.include({ cause: 'proxy-failed' });
    expect(JSON.stringify(found)).not.to.contain('secret');
    await proxy.close();
    closers.pop();
    expect(await failure(tls, { proxy: withSecret })).to.include({ cause: 'proxy-unreachable' });
  });

  it('trusts and shows what is configured, and tells certificates that do not fit', async () => {
    const { ca, local, other, expired, client } = certificates();
    const at = async (...[options]: [Parameters<typeof startTlsFront>[1]]) => {
      const front = await startTlsFront(mock.port, options);
      closers.push(() => front.close());
      return `https://localhost:${front.port}/v1`;
    };
    const tls = { ca: ca.cert };
    const asking = {
      ...local,
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
    } as const;
    expect(await failure(await at(asking), { tls: { ...tls, ...client } })).to.equal(null);
    expect(await failure(await at(asking), { tls })).to.include({ cause: 'client-certificate' });
    const untrusted = await failure(await at(local));
    expect(untrusted).to.include({ cause: 'certificate-untrusted' });
    expect(untrusted?.cure).to.include('tls.ca');
    expect(untrusted?.message)
      .to.match(/certificate/)
      .and.not.match(/Node|--use-system-ca/);
    expect(await failure(await at(expired), { tls })).to.include({ cause: 'certificate-expired' });
    const wrongName = await at(other);
    expect(await failure(wrongName, { tls })).to.include({ cause: 'certificate-name' });
    expect(await failure(wrongName, { tls: { ...tls, serverName: 'other.example' } })).to.equal(null);
    expect(await failure(url().replace('http:', 'https:'))).to.include({ cause: 'no-tls' });
  });

  it('asks on a Unix socket', async () => {
    const folder = inFolder({}, (path) => path);
    const socket = `${folder}.sock`;
    const front = await startUnixFront(mock.port, socket);
    closers.push(() => front.close());
    expect(await failure(`unix:${socket}:/v1`)).to.equal(null);
    expect(await failure(`unix:${socket}.none:/v1`)).to.include({ cause: 'connect' });
  });
});

describe('checkTargets', () => {
  it('asks each target once, and says why others are not asked', async () => {
    const asked: unknown[] = [];
    const mock = await startMock({
      dialect: 'openai',
      port: 0,
      observe: (_request, body) => asked.push(JSON.parse(body.toString()).model),
    });
    const config = load(`
providers:
  one: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1" }
  two: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1", dialects: [openai-embeddings] }
  idle: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1" }
  stars: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1" }
models:
  a: { targets: [{ provider: one, model: m }, { provider: one, model: n }] }
  b: { targets: [{ provider: one, model: m }, { provider: two, model: e }] }
  "s/*": { targets: [{ provider: stars, model: "*" }] }
`);
    const results = await checkTargets(config);
    await mock.close();
    expect(asked.sort()).to.deep.equal(['m', 'n']);
    expect(results.map(({ provider, model, outcome, message }) => [provider, model, outcome, message])).to.deep.equal([
      ['one', 'm', 'answers', null],
      ['one', 'n', 'answers', null],
      ['two', 'e', 'skipped', 'it has no API for chats'],
      ['idle', null, 'skipped', 'no model uses it'],
      ['stars', null, 'skipped', 'it is only asked for what a * stands for'],
    ]);
  });

  it('asks with every key of a provider', async () => {
    const seen: unknown[] = [];
    const observe = ({ headers }: IncomingMessage, body: Buffer) =>
      seen.push([headers.authorization, JSON.parse(body.toString()).model]);
    const mock = await startMock({ dialect: 'openai', port: 0, observe });
    const config = load(`
providers:
  one:
    type: openai
    base_url: "http://127.0.0.1:${mock.port}/v1"
    api_keys: [{ name: a, key: key-a }, { name: b, key: key-b }]
models:
  m: { targets: [{ provider: one, model: m }, { provider: one, model: n }] }
`);
    const results = await checkTargets(config);
    await mock.close();
    expect(seen).to.have.deep.members([
      ['Bearer key-a', 'm'],
      ['Bearer key-a', 'n'],
      ['Bearer key-b', 'm'],
      ['Bearer key-b', 'n'],
    ]);
    expect(results.map(({ model, key }) => [model, key])).to.deep.equal([
      ['m', 'a'],
      ['n', 'a'],
      ['m', 'b'],
      ['n', 'b'],
    ]);
  });

  it('asks with each key once, and for each model, where all pairs would be too many', async () => {
    const seen: string[] = [];
    const observe = ({ headers }: IncomingMessage, body: Buffer) =>
      void seen.push(`${headers.authorization} ${JSON.parse(body.toString()).model}`);
    const mock = await startMock({ dialect: 'openai', port: 0, observe });
    const keys = Array.from({ length: 6 }, (_, index) => `{ name: k${index}, key: key-${index} }`).join(', ');
    const targets = Array.from({ length: 5 }, (_, index) => `{ provider: one, model: m${index} }`).join(', ');
    const results = await checkTargets(
      load(`
providers: { one: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1", api_keys: [${keys}] } }
models: { m: { targets: [${targets}] } }
`),
    );
    await mock.close();
    expect([results.length, new Set(seen).size]).to.deep.equal([10, 10]);
    expect(new Set(results.map(({ key }) => key)).size).to.equal(6);
    expect(new Set(results.map(({ model }) => model)).size).to.equal(5);
  });

  it('shows no key that a provider quotes', async () => {
    const mock = await startMock({ dialect: 'openai', port: 0 });
    mock.control.setFault({
      kind: 'status',
      status: 401,
      body: { error: { message: 'bad sk-canary-key' } },
    } as FaultInput);
    const config = load(smallest.replace('8001/v1"', `${mock.port}/v1", api_key: sk-canary-key`));
    const [result] = await checkTargets(config);
    await mock.close();
    expect(result?.message).to.equal('401 bad [redacted]');
  });

  it('asks no more than four at the same time', async () => {
    let [open, most] = [0, 0];
    const server = createServer((request, response) => {
      open += 1;
      most = Math.max(most, open);
      request.resume();
      // Not before all that can be under way are.
      setImmediate(() =>
        setImmediate(() => {
          open -= 1;
          response.end(
            '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}',
          );
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const targets = Array.from({ length: 12 }, (_, index) => `{ provider: one, model: m${index} }`).join(', ');
    const config = load(`
providers: { one: { type: openai, base_url: "http://127.0.0.1:${port}/v1" } }
models: { a: { targets: [${targets}] } }
`);
    const results = await checkTargets(config);
    await new Promise((resolve) => server.close(resolve));
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(Array(12).fill('answers'));
    expect(most).to.be.within(1, 4);
  });
});
