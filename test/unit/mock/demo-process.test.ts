import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { type DemoProviders, startDemoProviders } from '../../../src/mock/demo-process.ts';
import { bodyFor, eventually, post } from './running-mock.ts';

const anyPorts = { openaiPort: 0, anthropicPort: 0 };

describe('the demo’s fake providers', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function start(ports = anyPorts): Promise<DemoProviders> {
    const demo = await startDemoProviders(ports);
    cleanups.push(() => demo.stop());
    return demo;
  }

  async function takePort(): Promise<number> {
    const server = net.createServer();
    cleanups.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP address was expected');
    return address.port;
  }

  it('answer in both dialects, with a header that marks the demo', async () => {
    const demo = await start();
    for (const [dialect, port] of [
      ['openai', demo.openaiPort],
      ['anthropic', demo.anthropicPort],
    ] as const) {
      const { status, headers, text } = await post(port, dialect, bodyFor(dialect));
      expect([status, headers.get('x-headgate-demo')]).to.deep.equal([200, '1']);
      expect(text).to.include(`the fake ${dialect} provider`);
    }
  });

  it('use the next free port if the wanted one is taken', async () => {
    const taken = await takePort();
    const demo = await start({ openaiPort: taken, anthropicPort: 0 });
    expect(demo.openaiPort).to.be.within(taken + 1, taken + 100);
    expect((await post(demo.openaiPort, 'openai', bodyFor('openai'))).status).to.equal(200);
  });

  it('restart on the same ports after their process is killed', async () => {
    const demo = await start();
    const { pid, openaiPort, anthropicPort } = demo;
    if (pid === null) throw new Error('the process was expected to run');
    process.kill(pid, 'SIGKILL');
    await eventually(() => demo.pid !== null && demo.pid !== pid);
    await eventually(() => isListening(openaiPort).then((up) => up && isListening(anthropicPort)));
    expect((await post(openaiPort, 'openai', bodyFor('openai'))).status).to.equal(200);
    expect([demo.openaiPort, demo.anthropicPort]).to.deep.equal([openaiPort, anthropicPort]);
  });

  it('ignore the signals of a terminal and end on stop', async () => {
    const demo = await start();
    const { pid, openaiPort } = demo;
    if (pid === null) throw new Error('the process was expected to run');
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.kill(pid, signal);
    expect((await post(openaiPort, 'openai', bodyFor('openai'))).status).to.equal(200);
    await demo.stop();
    expect(isRunning(pid)).to.equal(false);
    expect(demo.pid).to.equal(null);
    await demo.stop();
  });

  it('end on SIGTERM', async () => {
    const demo = await start();
    const { pid } = demo;
    if (pid === null) throw new Error('the process was expected to run');
    process.kill(pid, 'SIGTERM');
    await eventually(() => !isRunning(pid));
    expect(demo.pid).to.not.equal(pid);
  });

  it('leave no process behind if stopped during a restart', async () => {
    const demo = await start();
    const { pid } = demo;
    if (pid === null) throw new Error('the process was expected to run');
    process.kill(pid, 'SIGKILL');
    await eventually(() => demo.pid !== null && demo.pid !== pid);
    const successor = demo.pid;
    await demo.stop();
    expect(successor !== null && isRunning(successor)).to.equal(false);
  });

  it('end when their parent is killed', async () => {
    const parent = spawnParent('setInterval(() => {}, 60_000);');
    cleanups.push(() => parent.child.kill('SIGKILL'));
    const { pid, openaiPort } = await parent.demo;
    expect(isRunning(pid)).to.equal(true);
    parent.child.kill('SIGKILL');
    await eventually(() => !isRunning(pid));
    expect(await isListening(openaiPort)).to.equal(false);
  });

  it('do not keep their parent alive', async () => {
    const parent = spawnParent('');
    cleanups.push(() => parent.child.kill('SIGKILL'));
    const exited = once(parent.child, 'exit');
    const { pid } = await parent.demo;
    expect(await exited).to.deep.equal([0, null]);
    await eventually(() => !isRunning(pid));
  });
});

/** A process that starts the demo, prints its pid and port, and then runs the code in `after`. */
function spawnParent(after: string) {
  const module = new URL('../../../src/mock/demo-process.ts', import.meta.url);
  const script = `
    import { startDemoProviders } from ${JSON.stringify(module.href)};
    const { pid, openaiPort } = await startDemoProviders(${JSON.stringify(anyPorts)});
    console.log(JSON.stringify({ pid, openaiPort }));
    ${after}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const demo = once(createInterface(child.stdout), 'line').then(
    ([line]) => JSON.parse(line) as { pid: number; openaiPort: number },
  );
  return { child, demo };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
