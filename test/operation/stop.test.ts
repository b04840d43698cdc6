/**
 * How a gateway ends: open requests finish, and no process and no port is left, and of files only the spend books.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import type { Response } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { groupOf } from '../../scripts/processes/proc-files.ts';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { Status } from '../../src/primary/admin/status.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('a clean stop', () => {
  provider.use();

  it('leaves no process, no port and no file but the spend books', async () => {
    const gateway = await startGateway(provider.config);
    await gateway.complete();
    const { port, adminPort, stateFolder } = gateway;
    expect(existsSync(stateFolder)).to.equal(true);
    expect((await gateway.stop()).code).to.equal(0);
    expect(gateway.processes()).to.deep.equal([]);
    expect(readdirSync(stateFolder)).to.deep.equal(['spend.sqlite']);
    expect(await Promise.all([port, adminPort].map(isFree))).to.deep.equal([true, true]);
  });

  it('lets an open stream finish completely', async () => {
    await shape({ chunks: 10, chunkMs: 100 });
    const gateway = await startGateway(provider.config);
    const answer = await gateway.complete({ stream: true });
    gateway.signal('SIGTERM');
    expect(await answer.text()).to.match(/data: \[DONE\]\n\n$/);
    expect((await gateway.exited).code).to.equal(0);
  });

  it('refuses new connections while open streams finish, so that they do not hang', async () => {
    await shape({ chunks: 1_000, chunkMs: 100 });
    const gateway = await startGateway({ ...provider.config, drain: { stop: '60s' } });
    const answer = await gateway.complete({ stream: true });
    gateway.signal('SIGTERM');
    await eventually('connections are refused', async () => {
      const client = net.connect(gateway.port, '127.0.0.1');
      const refused = await once(client, 'connect').then(
        () => false,
        (error) => error.code === 'ECONNREFUSED',
      );
      client.destroy();
      return refused;
    });
    const { workers, stopping } = await gateway.status();
    expect(workers.map(({ state }) => state)).to.include('draining');
    expect(Date.parse(stopping?.until ?? '') - Date.now()).to.be.within(0, 60_000);
    await signalUntilGone(gateway);
    expect((await readAll(answer)).whole).to.equal(false);
  });

  it('ends a stream that exceeds the drain limit with one error event', async () => {
    await shape({ chunks: 1_000, chunkMs: 100 });
    const gateway = await startGateway({ ...provider.config, drain: { stop: '1s' } });
    const answer = await gateway.complete({ stream: true });
    gateway.signal('SIGTERM');
    const { text, whole } = await readAll(answer);
    expect(whole).to.equal(false);
    expect(text)
      .to.match(/data: \{"error":.*\}\n\n$/)
      .and.to.not.contain('[DONE]');
    expect((await gateway.exited).code).to.equal(0);
  });

  it('is also triggered by a Ctrl-C to the whole group', async () => {
    await shape({ chunks: 5, chunkMs: 100 });
    const gateway = await startGateway(provider.config);
    const answer = await gateway.complete({ stream: true });
    gateway.signalGroup('SIGINT');
    // npm forwards the signal that the terminal has already sent to the group.
    gateway.signal('SIGINT');
    expect(await answer.text()).to.match(/data: \[DONE\]\n\n$/);
    expect((await gateway.exited).code).to.equal(0);
  });

  it("is also triggered by pm2's message", async () => {
    const gateway = await startGateway(provider.config, { ipc: true });
    gateway.child.send('shutdown');
    expect((await gateway.exited).code).to.equal(0);
  });

  it('announces itself on /health for as long as configured', async () => {
    const gateway = await startGateway({ ...provider.config, drain: { stop: '5s', announce: '5s' } });
    gateway.signal('SIGTERM');
    const announced = await eventually('/health shows it', async () => {
      const answer = await fetch(`${gateway.url}/health`);
      return answer.status === 503 && answer;
    });
    expect(await announced.json()).to.deep.equal({ status: 'draining' });
    expect((await fetch(`${gateway.adminUrl}/readyz`)).status).to.equal(503);
    expect((await gateway.exited).code).to.equal(0);
  });
});

describe('a gateway on a terminal', () => {
  provider.use();
  const place = temporaryFolder('terminal');
  after(() => place.remove());

  it('ends when its terminal is closed', async function () {
    if (!isInstalled('script')) this.skip();
    const [port, adminPort] = [await freePort(), await freePort()];
    const file = path.join(place.folder, 'headgate.yaml');
    writeFileSync(file, JSON.stringify({ ...provider.config, server: { port }, admin: { port: adminPort } }));
    const command = `"${process.execPath}" "${commandScript(false)}" serve --config "${file}"`;
    const terminal = spawn('script', ['-qfc', command, '/dev/null'], { stdio: 'ignore', detached: true });
    const group = new ProcessGroup(terminal);
    const status = () => fetch(`http://127.0.0.1:${adminPort}/api/status`).catch(() => null);
    const answer = await eventually('it serves', status, 30_000);
    const { primary } = (await answer.json()) as { primary: { pid: number } };
    await eventually('it is ready', async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok, 30_000);
    process.kill(primary.pid, 'SIGHUP');
    const reloaded = async () => ((await (await status())?.json()) as Status | undefined)?.config.version === 2;
    await eventually('it is reloaded while the terminal is there', reloaded, 30_000);
    terminal.kill('SIGKILL');
    await eventually('it has ended', () => groupOf(primary.pid) === null, 30_000);
    await group.end();
  });
});

describe('a second signal', () => {
  provider.use();

  it('ends everything immediately', async () => {
    await shape({ chunks: 1_000, chunkMs: 100 });
    const gateway = await startGateway({ ...provider.config, drain: { stop: '60s' } });
    const answer = await gateway.complete({ stream: true });
    await eventually('a worker has reported it', async () => {
      return (await gateway.status()).workers.some(({ inFlight }) => inFlight === 1);
    });
    gateway.signal('SIGTERM');
    await eventually('it drains', () => gateway.logged('draining'));
    const whatFollows = 'open requests (1 at the last count) may finish within 60 s; a second signal ends them at once';
    expect(gateway.logged(`stopping: ${whatFollows}`)).to.include({ inFlight: 1, limitMs: 60_000 });
    await signalUntilGone(gateway);
    expect((await readAll(answer)).whole).to.equal(false);
    expect((await gateway.exited).code).to.equal(0);
    expect(gateway.processes()).to.deep.equal([]);
  });
});

/** Signals within half a second count as one, so the second signal is repeated until it counts. */
async function signalUntilGone(gateway: RunningGateway): Promise<void> {
  await eventually('the second signal is handled', () => {
    gateway.signal('SIGTERM');
    return gateway.logged('second stop signal: ending everything now');
  });
}

async function shape(fields: object): Promise<void> {
  await fetch(`http://127.0.0.1:${provider.port}/_mock/shape`, { method: 'PUT', body: JSON.stringify(fields) });
}

/** The received text, and whether the body ended correctly. */
async function readAll(answer: Response): Promise<{ text: string; whole: boolean }> {
  let text = '';
  try {
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
    return { text, whole: true };
  } catch {
    // The body was cut off, which some of these tests expect.
    return { text, whole: false };
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  return true;
}
