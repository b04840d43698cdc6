/**
 * A worker that sends a message no primary can read: its memory or code is damaged, so it is ended and replaced. The
 * primary, on which all workers depend, is not touched by it.
 */
import http from 'node:http';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const preload = fileURLToPath(new URL('../helpers/send-on-demand.ts', import.meta.url));

const broken = [
  { type: 'events', first: 1, events: null },
  { type: 'events', first: 1, events: [null] },
  {
    type: 'events',
    first: 1,
    events: [
      { type: 'tokens', provider: 'openai', model: 'gpt-4', key: 'default', nanoUsd: null, counts: { input: -5 } },
    ],
  },
  { type: 'config-ack' },
  { type: 'credentials-refused', identity: 'i' },
  { type: 'failures', failures: [{ code: 'toString' }], withheld: 0 },
  { type: 'of no kind' },
];

describe("a worker's broken message", () => {
  const provider = new OneProvider();
  provider.use();

  it('ends that worker, and neither the primary nor a count', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 }, { nodeOptions: ['--import', preload] });
    const primary = gateway.pid;
    let deaths = 0;
    for (const message of broken) {
      const [victim = 0] = await gateway.settled(1);
      await gateway.complete();
      const sent = JSON.stringify({ channel: 'headgate', ...message });
      const trigger = http.get(`${gateway.url}/health`, { headers: { 'x-test-send': sent }, agent: false });
      trigger.on('error', () => undefined);
      trigger.on('response', (answer) => answer.resume());
      await eventually(`a new worker after ${sent}`, async () => !(await gateway.settled(1)).includes(victim));
      deaths += 1;
    }
    expect(gateway.pid).to.equal(primary);
    expect(gateway.hasEnded).to.equal(false);
    expect(await gateway.metric('llm_worker_exits_total{reason="signal"}')).to.equal(deaths);
    const counted = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';
    expect(await gateway.metric(counted)).to.equal(broken.length);
    expect(gateway.output.match(/a worker sent a broken message and is killed/g)).to.have.length(deaths);
  });

  it('is none of a worker that closes connections because there are too many: they are counted', async () => {
    const gateway = await startGateway({ ...provider.config, server: { port: 0, max_connections: 2 }, workers: 1 });
    const [worker] = await gateway.readyWorkers();
    const sockets = Array.from({ length: 8 }, () =>
      net.connect(gateway.port, '127.0.0.1').on('error', () => undefined),
    );
    try {
      const dropped = 'llm_connections_dropped_total{reason="server"}';
      await eventually('some are dropped', async () => Number(await gateway.metric(dropped)) >= 6);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    expect(await gateway.readyWorkers()).to.deep.equal([worker]);
    expect(gateway.output).not.to.include('a broken message');
  });
});
