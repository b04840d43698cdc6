/**
 * Several keys of a provider, with real processes: what cools one of them down for one worker is known to all, stays with
 * the key through a reload that renames it, and goes on after the death of the primary.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { type WorkerClient, withClientPerWorker } from '../../scripts/rig/worker-clients.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';
import { sessionOfKey } from '../helpers/session-of-key.ts';

const answer = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

/** A provider that notes the keys that it is asked with, and limits one of them while it is told to. */
class LimitingProvider {
  limits = false;
  readonly asked: string[] = [];
  readonly #server = http.createServer((request, response) => {
    const key = request.headers.authorization ?? '';
    this.asked.push(key.replace('Bearer ', ''));
    request.resume();
    const isLimited = this.limits && key.endsWith('sk-first');
    response.writeHead(isLimited ? 429 : 200, { 'content-type': 'application/json', 'retry-after': '300' });
    response.end(isLimited ? '{"error":{"message":"slow down"}}' : answer);
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

describe('several keys of a provider', () => {
  let provider: LimitingProvider;
  let port: number;

  beforeEach(async () => {
    provider = new LimitingProvider();
    port = await provider.listen();
  });
  afterEach(async () => {
    await endGateways();
    await provider.close();
  });

  const configOf = (first: string, second: string, more: ConfigInput = {}): ConfigInput => {
    const api_keys = [
      { name: first, key: 'sk-first' },
      { name: second, key: 'sk-second' },
    ];
    const base_url = `http://127.0.0.1:${port}/v1`;
    return { ...gatewayConfig(port), providers: { openai: { type: 'openai', base_url, api_keys } }, ...more };
  };
  const askedBy = async (client: WorkerClient, session: string): Promise<string> => {
    const before = provider.asked.length;
    expect((await client.ask({ prompt_cache_key: session })).status).to.equal(200);
    return provider.asked.slice(before).join(' ');
  };
  const coolingIn = async (gateway: RunningGateway) =>
    (await gateway.status()).keys.filter(({ state }) => state === 'cooling-down').map(({ name }) => name);

  it('cool down one by one for all workers, whatever they are called, and for the next primary', async () => {
    const gateway = await startGateway(configOf('a', 'b'));
    await withClientPerWorker(gateway, 2, async (clients) => {
      const [one, other] = clients;
      if (one === undefined || other === undefined) throw new Error('there are not two workers');
      const session = sessionOfKey('a', 'b');
      expect([await askedBy(one, session), await askedBy(other, session)]).to.deep.equal(['sk-first', 'sk-first']);

      provider.limits = true;
      expect(await askedBy(one, session)).to.equal('sk-first sk-second');
      provider.limits = false;
      await eventually('the other worker knows', async () => (await askedBy(other, session)) === 'sk-second');
      expect(await coolingIn(gateway)).to.deep.equal(['a']);
      expect((await gateway.status()).rests).to.deep.equal([]);
      expect(await gateway.metric('llm_key_resting{provider="openai",key="a"}')).to.equal(1);
      expect(await gateway.metric('llm_key_resting{provider="openai",key="b"}')).to.equal(0);
      expect(await gateway.metric('llm_target_resting{provider="openai"}')).to.equal(0);
      expect(await gateway.metric('llm_key_failovers_total{provider="openai",key="a"}')).to.equal(1);
      expect(await gateway.metric('llm_key_failovers_total{provider="openai",key="b"}')).to.equal(0);

      gateway.writeConfig(configOf('x', 'b'));
      expect((await fetch(`${gateway.adminUrl}/api/reload`, { method: 'POST' })).status).to.equal(200);
      expect(await coolingIn(gateway)).to.deep.equal(['x']);
      for (const client of [one, other]) expect(await askedBy(client, sessionOfKey('x', 'b'))).to.equal('sk-second');
    });

    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(configOf('x', 'b', onPortsOf(gateway)), { after: gateway });
    expect(await coolingIn(successor)).to.deep.equal(['x']);
    await withClientPerWorker(successor, 2, async (clients) => {
      for (const client of clients) expect(await askedBy(client, sessionOfKey('x', 'b'))).to.equal('sk-second');
      await fetch(`${successor.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
      for (const client of clients) {
        await eventually('it is used', async () => (await askedBy(client, sessionOfKey('x', 'b'))) === 'sk-first');
      }
    });
    expect(JSON.stringify(await successor.status())).not.to.contain('sk-');
    expect(JSON.stringify(gateway.log())).not.to.contain('sk-');
  });
});

const onPortsOf = (gateway: RunningGateway): ConfigInput => ({
  server: { port: gateway.port },
  admin: { port: gateway.adminPort },
});
