/**
 * A roll on a host without free CPU time: timers are late there, and bytes wait unread in sockets that look idle. No
 * client notices, whether it sends its next request on a connection in the moment in which a stream on it ends, or later.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const BUSY_LOOPS = 6;
const CLIENTS = 40;
/** The streams outlive the time for which a drain leaves connections open that were idle at its start. */
const KEEP_ALIVE_SECONDS = 3;
const STREAM_MS = 5_000;
/** Half of the clients wait up to that long between a stream and their next request. */
const LONGEST_PAUSE_MS = 500;

const provider = new OneProvider();
const loops: ChildProcess[] = [];

describe('a roll on a starved host', () => {
  provider.use();
  afterEach(() => {
    for (const loop of loops.splice(0)) loop.kill('SIGKILL');
  });

  it('answers the next request on every connection whose stream began before it', async () => {
    await fetch(`http://127.0.0.1:${provider.port}/_mock/shape`, {
      method: 'PUT',
      body: JSON.stringify({ chunks: 25, chunkMs: STREAM_MS / 24 }),
    });
    const gateway = await startGateway({
      ...provider.config,
      server: { port: 0, keep_alive: `${KEEP_ALIVE_SECONDS}s` },
      drain: { stop: '5s', restart: '120s' },
    });
    const before = await gateway.readyWorkers();
    const clients = Array.from({ length: CLIENTS }, (_, index) => clientOf(gateway, index));
    await Promise.all(clients.map(({ begun }) => begun));
    for (let loop = 0; loop < BUSY_LOOPS; loop += 1) loops.push(busyLoop());
    const answer = await fetch(`${gateway.adminUrl}/api/restart`, { method: 'POST' });
    expect(answer.status).to.equal(200);
    const ends = await Promise.all(clients.map(({ end }) => end));
    expect(ends.filter((end) => end !== 'answered')).to.deep.equal([]);
    for (const loop of loops.splice(0)) loop.kill('SIGKILL');
    await eventually(
      'all workers are replaced',
      async () => (await gateway.readyWorkers()).every((pid) => !before.includes(pid)),
      60_000,
    );
  });
});

/** Uses one core for two minutes at most. */
function busyLoop(): ChildProcess {
  return spawn(process.execPath, ['-e', 'const end = Date.now() + 120_000; while (Date.now() < end);']);
}

/** One client with one connection: a stream, then a plain request. */
function clientOf(gateway: RunningGateway, index: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const begun = Promise.withResolvers<void>();
  const serve = async (): Promise<string> => {
    try {
      const stream = await ask(gateway, agent, true, () => begun.resolve());
      if (stream !== 200) return `its stream got ${stream}`;
      if (index % 2 === 1) await pause(Math.random() * LONGEST_PAUSE_MS);
      const plain = await ask(gateway, agent, false);
      return plain === 200 ? 'answered' : `its next request got ${plain}`;
    } catch (error) {
      return String(error);
    } finally {
      begun.resolve();
      agent.destroy();
    }
  };
  return { begun: begun.promise, end: serve() };
}

/** Resolves with the status when the whole answer has arrived; `begins` is called at its head. */
function ask(gateway: RunningGateway, agent: http.Agent, stream: boolean, begins?: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${gateway.url}/v1/chat/completions`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (answer) => {
        begins?.();
        answer.resume().on('error', reject);
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ model: 'gpt-4', stream, messages: [{ role: 'user', content: 'hello' }] }));
  });
}
