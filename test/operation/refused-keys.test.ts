/**
 * 403s that do not say what they are about, with real processes: two workers, each with a caller pinned to it by its
 * connection. What one caller gets excludes nobody while the other is served; what all get excludes the key for all.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { type WorkerClient, withClientPerWorker } from '../../scripts/rig/worker-clients.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';

/** Longer than a row of 403s must last until it can mean the key. */
const LONG_MS = 7_000;

/** A provider that answers 403, without a reason, to what holds `blocked`, or to everything. */
class BlockingProvider {
  refusesAll = false;
  page = false;
  readonly #server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const refused = this.refusesAll || body.includes('blocked');
      const type = refused && this.page ? 'text/html' : 'application/json';
      response.writeHead(refused ? 403 : 200, { 'content-type': type });
      response.end(refused ? (this.page ? '<html>Blocked</html>' : '{"error":{"message":"Forbidden"}}') : answer);
    });
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const answer = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
});

let sent = 0;

/** The status of a request with another body than all others. */
async function ask(client: WorkerClient, word: string): Promise<number> {
  sent += 1;
  return (await client.ask({ messages: [{ role: 'user', content: `${word} ${sent}` }] })).status;
}

/** The statuses that a caller gets in that time, each once. */
async function askFor(client: WorkerClient, word: string, durationMs: number, pauseMs: number): Promise<number[]> {
  const statuses = new Set<number>();
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs) {
    statuses.add(await ask(client, word));
    await pause(pauseMs);
  }
  return [...statuses];
}

function pair(clients: readonly WorkerClient[]): readonly [WorkerClient, WorkerClient] {
  const [one, other] = clients;
  if (one === undefined || other === undefined) throw new Error('there are not two workers');
  return [one, other];
}

describe('403s to the callers of two workers', () => {
  let provider: BlockingProvider;
  let gateway: RunningGateway;
  const cooldowns = async () => (await gateway.status()).rests;

  beforeEach(async () => {
    provider = new BlockingProvider();
    gateway = await startGateway(gatewayConfig(await provider.listen()));
  });
  afterEach(async () => {
    await endGateways();
    await provider.close();
  });

  it('exclude nobody while the caller of one worker is served', async () => {
    await withClientPerWorker(gateway, 2, async (clients) => {
      const [blocked, served] = pair(clients);
      const [first, second] = await Promise.all([
        askFor(blocked, 'blocked', LONG_MS, 20),
        askFor(served, 'fine', LONG_MS, 500),
      ]);
      expect([first, second]).to.deep.equal([[403], [200]]);
      expect(await cooldowns()).to.deep.equal([]);
    });
  });

  it('exclude the key for all when both get them, until it is reset', async () => {
    await withClientPerWorker(gateway, 2, async (clients) => {
      const [one, other] = pair(clients);
      expect([await ask(one, 'fine'), await ask(other, 'fine')]).to.deep.equal([200, 200]);
      provider.refusesAll = true;
      for (const client of [one, other, one, other]) expect(await ask(client, 'any')).to.equal(403);
      expect(await cooldowns(), 'after four').to.deep.equal([]);
      await eventually(
        'one caller is refused',
        async () => {
          await pause(50);
          return (await ask(one, 'any')) === 502;
        },
        3 * LONG_MS,
      );
      await eventually('so is the other', async () => (await ask(other, 'any')) === 502);
      expect((await cooldowns())[0]).to.deep.include({ provider: 'openai', model: null, reason: 'auth' });
      const line = gateway.log().find(({ msg }) => String(msg).includes('refuses our API key'));
      expect(line).to.deep.include({ level: 50, provider: 'openai' });

      provider.refusesAll = false;
      await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
      for (const client of [one, other]) {
        await eventually('it is served', async () => (await ask(client, 'any')) === 200);
      }
    });
  });

  it('exclude nobody as the pages of a firewall, or while there is no primary', async () => {
    await withClientPerWorker(gateway, 2, async (clients) => {
      provider.refusesAll = true;
      provider.page = true;
      const all = () => Promise.all(clients.map((client) => askFor(client, 'any', LONG_MS, 50)));
      expect(await all()).to.deep.equal([[403], [403]]);
      expect(await cooldowns()).to.deep.equal([]);
      gateway.signal('SIGKILL');
      await gateway.exited;
      provider.page = false;
      expect(await all()).to.deep.equal([[403], [403]]);
    });
  });
});
