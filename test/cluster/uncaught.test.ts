/**
 * An uncaught error during a worker's requests: the worker's state may be wrong, so the worker ends. Before that, its
 * other requests end with a clear error, and its counts are sent to the primary.
 */
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const preload = fileURLToPath(new URL('../helpers/throw-on-demand.ts', import.meta.url));
const body = JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
const headers = { 'content-type': 'application/json' };

describe('an uncaught error', () => {
  const provider = new OneProvider();
  provider.use();

  it('ends its worker after its streams have ended with an error event, and loses no count', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 }, { nodeOptions: ['--import', preload] });
    const [victim = 0] = await gateway.readyWorkers();
    await gateway.complete();
    const shape = { method: 'PUT', body: JSON.stringify({ chunks: 2_000, chunkMs: 20 }) };
    await fetch(`http://127.0.0.1:${provider.port}/_mock/shape`, shape);
    const client = http.request(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, agent: false });
    client.end(body);
    const [stream] = (await once(client, 'response')) as [http.IncomingMessage];
    stream.setEncoding('utf8');
    let text = '';
    stream.on('data', (piece: string) => {
      text += piece;
    });
    const ended = new Promise((resolve) => stream.on('close', resolve));
    await once(stream, 'data');

    const trigger = http.get(`${gateway.url}/health`, { headers: { 'x-test-throw': '1' }, agent: false });
    trigger.on('error', () => undefined);
    trigger.on('response', (answer) => answer.resume());

    await ended;
    expect(stream.complete).to.equal(false);
    expect(text).to.match(/data: \{"error":\{[^\n]+\}\}\n\n$/);
    await eventually('a new worker serves', async () => !(await gateway.settled(1)).includes(victim));
    expect(await gateway.metric('llm_worker_exits_total{reason="crash"}')).to.equal(1);
    const series = (status: string) => `llm_requests_total{provider="openai",status="${status}",model="gpt-4"}`;
    expect(await gateway.metric(series('success'))).to.equal(1);
    expect(await gateway.metric(series('error'))).to.equal(1);
    expect(gateway.output).to.contain('a fault on demand');
  });
});
