/**
 * What a host, its other programs and its operators do to a gateway, and what must not end it or its numbers.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { launchGateway, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { hostIdentity } from '../../src/primary/host/process-identity.ts';
import { stateFolder } from '../../src/shared/state/state-files.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const series = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';
const helper = (name: string) => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url));

const provider = new OneProvider();

describe('a signal', () => {
  provider.use();

  it('USR1 opens no debugger in any process, and ends none', async () => {
    const gateway = await startGateway(provider.config);
    const workers = await gateway.readyWorkers();
    gateway.signalGroup('SIGUSR1');
    // Signals are handled in their order.
    gateway.signal('SIGHUP');
    await eventually('it reloads', () => gateway.logged('configuration reloaded'));
    expect((await gateway.complete()).status).to.equal(200);
    expect(await gateway.readyWorkers()).to.deep.equal(workers);
    expect((await gateway.stop()).errorOutput).not.to.contain('Debugger');
  });

  it('HUP that comes before the gateway is ready for it reloads when it is', async () => {
    const gateway = launchGateway(provider.config);
    await eventually('it catches signals', () => catches(gateway.pid, 'SIGHUP'));
    gateway.signal('SIGHUP');
    await gateway.serves();
    await eventually('it reloads', () => gateway.logged('configuration reloaded'));
    expect((await gateway.complete()).status).to.equal(200);
  });

  it('TERM to the whole process group ends it cleanly, without the stack of an error', async () => {
    const gateway = await startGateway(provider.config);
    gateway.signalGroup('SIGTERM');
    const { code, errorOutput } = await gateway.exited;
    expect(code).to.equal(0);
    expect(gateway.output + errorOutput).not.to.match(/ {4}at |Error/);
    expect(gateway.log().filter(({ level }) => Number(level) >= 50)).to.deep.equal([]);
  });
});

describe('a starved host', () => {
  provider.use();
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
    process.env.HEADGATE_SLOW_BOOT = temporary.folder;
  });
  afterEach(() => {
    delete process.env.HEADGATE_SLOW_BOOT;
    temporary.remove();
  });
  const slowBoot = { nodeOptions: ['--import', helper('slow-boot.ts')] };

  it('makes no thread in the moment in which one is needed: all pools are complete from the start', async () => {
    const gateway = await startGateway(provider.config);
    for (const pid of gateway.processes()) expect(poolThreads(pid), `of ${pid}`).to.equal(4);
  });

  it('may take longer than ten seconds to boot a worker, which is not killed for it', async () => {
    writeFileSync(path.join(temporary.folder, 'starve'), '');
    const gateway = await startGateway({ ...provider.config, workers: 1 }, slowBoot);
    expect(gateway.bootMs).to.be.greaterThan(10_000);
    expect(gateway.log().filter(({ judgement }) => judgement !== undefined)).to.deep.equal([]);
  });

  it('may let a successor hang in its boot, whose socket takes no connections from the others', async () => {
    const gateway = await startGateway(provider.config, slowBoot);
    const [victim = 0, other] = await gateway.readyWorkers();
    writeFileSync(path.join(temporary.folder, 'hang'), '');
    process.kill(victim, 'SIGKILL');
    await eventually('all of many connections are served', () => areServed(gateway, 20));
    const { workers } = await gateway.status();
    expect(workers.map(({ pid, state }) => (pid === other ? 'other' : state)).sort()).to.deep.equal([
      'other',
      'starting',
    ]);
  });
});

describe('a folder that is gone', () => {
  provider.use();

  it('is no matter for workers if it was the working folder', async () => {
    const { folder, remove } = temporaryFolder();
    try {
      const workingFolder = path.join(folder, 'release');
      mkdirSync(workingFolder);
      const gateway = await startGateway(provider.config, { workingFolder });
      const [victim = 0] = await gateway.readyWorkers();
      rmdirSync(workingFolder);
      process.kill(victim, 'SIGKILL');
      await eventually('it is replaced', async () => !(await gateway.settled(2)).includes(victim));
      expect((await gateway.complete()).status).to.equal(200);
    } finally {
      remove();
    }
  });

  it('costs no count when it comes back, if it was the state folder', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    await gateway.complete();
    const kept = `${gateway.stateFolder}-kept`;
    renameSync(gateway.stateFolder, kept);
    // A file in its place stops root too.
    writeFileSync(gateway.stateFolder, '');
    await gateway.complete();
    const [victim = 0] = await gateway.readyWorkers();
    process.kill(victim, 'SIGKILL');
    await eventually('it is replaced', async () => !(await gateway.settled(1)).includes(victim));
    expect(await gateway.metric('llm_state_writable')).to.equal(0);
    expect(await gateway.metric(series)).to.equal(2);

    rmSync(gateway.stateFolder);
    renameSync(kept, gateway.stateFolder);
    expect(await gateway.metric('llm_state_writable')).to.equal(1);
    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: gateway });
    await counted(successor, 2);
  });
});

describe('another gateway or program', () => {
  provider.use();

  it('in another container that has the state folder ends the start with 69, whatever network it is in', async () => {
    const { folder, remove } = temporaryFolder();
    const port = await freePort();
    const holder = spawn(process.execPath, [helper('hold-folder-lock.ts'), stateFolder(folder, port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      const { code, errorOutput } = await launchGateway({ ...provider.config, server: { port }, state_dir: folder })
        .exited;
      expect(code).to.equal(69);
      expect(errorOutput).to.contain('another headgate keeps its checkpoint in').and.to.contain(folder);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      remove();
    }
  });

  it('that shares the port ends the start with 69 and is named, but an orphan of a former primary is not', async () => {
    const other = net.createServer((socket) => socket.destroy());
    other.listen({ port: 0, host: '127.0.0.1', reusePort: true });
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const { code, errorOutput } = await launchGateway({ ...provider.config, server: { port } }).exited;
    expect(code).to.equal(69);
    expect(errorOutput).to.match(new RegExp(`127\\.0\\.0\\.1:${port} is taken by .* \\(pid ${process.pid}\\)`));
    other.close();

    const gateway = await startGateway({ ...provider.config, server: { port } });
    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    expect((await successor.complete()).status).to.equal(200);
  });
});

describe('a host', () => {
  provider.use();

  it('that is renamed keeps all counts', async () => {
    const gateway = await startGateway(provider.config);
    await gateway.complete();
    gateway.signal('SIGKILL');
    await gateway.exited;
    await gateway.complete();
    // As written before it had this name.
    const file = path.join(gateway.stateFolder, 'books.json');
    const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...before, host: `former-name ${hostIdentity().split(' ').at(-1)}` }));
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await counted(successor, 2);
  });

  it('may probe health without a Host header, and read nothing else so', async () => {
    const gateway = await startGateway(provider.config);
    const ask = (text: string) => firstLine(gateway.adminPort, text);
    for (const version of ['1.0', '1.1']) {
      expect(await ask(`GET /livez HTTP/${version}\r\nConnection: close\r\n\r\n`)).to.contain(' 200 ');
      expect(await ask(`GET /readyz HTTP/${version}\r\nConnection: close\r\n\r\n`)).to.contain(' 200 ');
      expect(await ask(`GET /api/status HTTP/${version}\r\nConnection: close\r\n\r\n`)).to.contain(' 403 ');
    }
    expect(await ask('GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')).to.contain(' 403 ');
  });
});

/** Whether a process has a handler of its own for a signal. */
function catches(pid: number, signal: 'SIGHUP'): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  const numbers = { SIGHUP: 1 } as const;
  return (BigInt(`0x${caught}`) & (1n << BigInt(numbers[signal] - 1))) !== 0n;
}

/** Threads that libuv has made for its pool. */
function poolThreads(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.filter((thread) => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8') === 'libuv-worker\n')
    .length;
}

/** Whether each of so many new connections gets an answer soon. */
async function areServed(gateway: RunningGateway, connections: number): Promise<boolean> {
  for (let connection = 0; connection < connections; connection += 1) {
    const answer = await firstLine(gateway.port, 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 2_000);
    if (!answer.includes(' 200 ')) return false;
  }
  return true;
}

/** The first line of the answer on a connection of its own; empty if the connection breaks, or after `withinMs`. */
async function firstLine(port: number, request: string, withinMs = 10_000): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.setTimeout(withinMs, () => socket.destroy());
  // What breaks it shows in the answer.
  socket.on('error', () => undefined);
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer.split('\r\n', 1)[0] ?? '';
}

async function counted(gateway: RunningGateway, requests: number): Promise<void> {
  await eventually(
    `${requests} requests are counted`,
    // Rejects while the numbers of the orphans are not known.
    () =>
      gateway.metric(series).then(
        (value) => value === requests,
        () => false,
      ),
  );
}
