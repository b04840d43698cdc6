/** Providers that are reached by name, with a name server and files of the test's own. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/shared/clock.ts';
import { NameCache } from '../../src/worker/names/name-cache.ts';
import type { ExchangeFailure } from '../../src/worker/upstream/upstream-call.ts';
import { UpstreamPools } from '../../src/worker/upstream/upstream-pools.ts';
import { type NameServer, startNameServer } from '../helpers/name-server.ts';
import { testConfig } from '../helpers/test-config.ts';
import { listen } from './plane-fixture.ts';

const CONNECT_MS = 3_000;

describe('a provider with a name', () => {
  let names: NameServer;
  let pools: UpstreamPools;
  let folder = '';
  let port = 0;
  const server = http.createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200, { connection: 'close' }).end('hi');
  });

  beforeEach(async () => {
    names = await startNameServer();
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-names-'));
    writeFileSync(path.join(folder, 'resolv.conf'), `nameserver ${names.address}\n`);
    writeFileSync(path.join(folder, 'hosts'), '::1 both.test\n127.0.0.1 both.test\n');
    const files = { hostsPath: path.join(folder, 'hosts'), resolverPath: path.join(folder, 'resolv.conf') };
    pools = new UpstreamPools(new NameCache({ clock: systemClock, ...files }));
    port = await listen(server);
  });
  afterEach(async () => {
    await pools.destroy();
    await names.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** The status of its answer, or how the exchange failed, and how long that took. */
  async function ask(hostname: string): Promise<{ result: number | ExchangeFailure['kind']; ms: number }> {
    const config = testConfig({ openai: port, timeouts: { connectMs: CONNECT_MS } });
    const provider = config.providers.openai;
    const target = config.models['gpt-4']?.targets[0];
    if (provider === undefined || target === undefined) throw new Error('the configuration has both');
    const startedMs = performance.now();
    const result = await new Promise<number | ExchangeFailure['kind']>((resolve) => {
      let answered = 0;
      const request = { path: '/', headers: [], body: Buffer.alloc(0) };
      pools.call({ ...provider, baseUrl: `http://${hostname}:${port}` }, target, request, {
        sent: () => undefined,
        headers: (status) => {
          answered = status;
        },
        data: () => undefined,
        ended: () => resolve(answered),
        failed: ({ kind }) => resolve(kind),
      });
    });
    return { result, ms: performance.now() - startedMs };
  }

  it('is reached by its addresses, which are asked for once', async () => {
    names.records.set('api.test', ['127.0.0.1']);
    for (let request = 0; request < 5; request += 1) expect((await ask('api.test')).result).to.equal(200);
    expect(names.questions.filter((question) => question === 'api.test A')).to.have.length(1);
  });

  it('is reached by IPv4 where nothing answers by IPv6', async () => {
    expect((await ask('both.test')).result).to.equal(200);
    expect((await ask('localhost')).result).to.equal(200);
    expect(names.questions).to.deep.equal([]);
  });

  it('does not wait while the resolver is silent about another', async () => {
    names.records.set('api.test', ['127.0.0.1']);
    names.records.set('dead.test', 'silent');
    await ask('api.test');
    const dead = Array.from({ length: 8 }, () => ask('dead.test'));
    for (let request = 0; request < 5; request += 1) {
      const { result, ms } = await ask('api.test');
      expect(result).to.equal(200);
      expect(ms).to.be.below(CONNECT_MS);
    }
    for (const { result } of await Promise.all(dead)) expect(result).to.equal('own-lack');
    const { result, ms } = await ask('dead.test');
    expect(result).to.equal('own-lack');
    expect(ms).to.be.below(CONNECT_MS);
  });

  it('is reached by its old address when the resolver falls silent after its time to live', async () => {
    names.records.set('api.test', ['127.0.0.1']);
    names.ttl = 0;
    await ask('api.test');
    names.silent = true;
    await new Promise((resolve) => systemClock.after(1_100, () => resolve(null)));
    const { result, ms } = await ask('api.test');
    expect(result).to.equal(200);
    expect(ms).to.be.below(CONNECT_MS);
  });

  it('is unreachable, which is no lack of the host, where its name is not there or nobody listens', async () => {
    names.records.set('broken.test', 'fail');
    names.records.set('closed.test', ['127.0.0.2']);
    server.close();
    expect((await ask('broken.test')).result).to.equal('connection');
    expect((await ask('closed.test')).result).to.equal('connection');
    port = await listen(server);
  });
});
