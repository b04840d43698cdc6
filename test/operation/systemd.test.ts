/**
 * The gateway under systemd: what it tells the service manager, what the shipped unit says, and that it works within the
 * restrictions of that unit.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { commandScript, root } from '../../scripts/rig/checkout.ts';
import { launchGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const unit = readFileSync(path.join(root, 'deploy/headgate.service'), 'utf8');
const provider = new OneProvider();
const helper = (name: string) => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url));

/** All values of a setting of the unit, in its order. */
function settings(name: string): string[] {
  return Array.from(unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm')), ([, value = '']) => value);
}

/** Programs that the tests need; CI installs them. */
const lacking = ['systemd-notify', 'systemd-analyze', 'python3'].filter((command) => !isInstalled(command));
const run = lacking.length === 0 ? it : it.skip;
const named = (title: string) => (lacking.length === 0 ? title : `${title} (not installed: ${lacking.join(', ')})`);

describe('the notify socket of systemd', () => {
  provider.use();
  let temporary: TemporaryFolder;
  let socket: NotifySocket | null = null;
  beforeEach(() => {
    temporary = temporaryFolder('notify');
  });
  afterEach(async () => {
    await socket?.end();
    socket = null;
    temporary.remove();
  });

  run(named('hears of the start, of reloads that succeed and that are refused, and of the stop'), async () => {
    const name = path.join(temporary.folder, 'notify');
    socket = await openNotifySocket(name);
    const gateway = launchGateway(provider.config, { environment: { NOTIFY_SOCKET: name } });
    await gateway.serves();
    expect(await socket.next()).to.deep.equal([
      'READY=1',
      `STATUS=serving at 127.0.0.1:${gateway.port} with 2 workers`,
    ]);
    const workers = await gateway.readyWorkers();
    const inherited = workers.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes('NOTIFY_SOCKET'));
    expect(inherited, 'workers do not get the socket').to.deep.equal([false, false]);

    gateway.signal('SIGHUP');
    const [reloading, time = '', what] = await socket.next();
    expect([reloading, what]).to.deep.equal(['RELOADING=1', 'STATUS=reloading the configuration']);
    const nowSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    const saidSeconds = Number(/^MONOTONIC_USEC=(\d+)$/.exec(time)?.[1]) / 1e6;
    expect(saidSeconds, 'it is the clock of the kernel').to.be.within(nowSeconds - 30, nowSeconds + 1);
    expect(await socket.next()).to.deep.equal(['READY=1', 'STATUS=serving with version 2 of the configuration']);

    gateway.writeConfig({ ...provider.config, models: {} });
    gateway.signal('SIGHUP');
    expect((await socket.next())[0]).to.equal('RELOADING=1');
    const [ready, refused] = await socket.next();
    expect(ready).to.equal('READY=1');
    expect(refused).to.contain('the last reload was refused');

    await gateway.stop();
    expect(await socket.next()).to.deep.equal([
      'STOPPING=1',
      'EXTEND_TIMEOUT_USEC=5000000',
      'STATUS=stopping: open requests may finish within 5 s',
    ]);
  });

  run(named('hears nothing of the end of a primary that hands over, and then that the next one is ready'), async () => {
    const environment = { NOTIFY_SOCKET: path.join(temporary.folder, 'notify') };
    socket = await openNotifySocket(environment.NOTIFY_SOCKET);
    const first = await startGateway(provider.config, { environment });
    expect((await socket.next())[0]).to.equal('READY=1');
    const answer = await fetch(`${first.adminUrl}/api/restart?all`, { method: 'POST' });
    expect(answer.status, await answer.text()).to.be.within(200, 202);
    expect((await first.exited).code).to.equal(0);
    // As systemd does with Restart=always.
    const next = await startGateway(provider.onPortsOf(first), { environment, after: first });
    const [ready, status] = await socket.next();
    expect([ready, status]).to.deep.equal(['READY=1', `STATUS=serving at 127.0.0.1:${next.port} with 2 workers`]);
  });

  run(named('may have an abstract name'), async () => {
    const name = `@headgate-test-${process.pid}`;
    socket = await openNotifySocket(name);
    await startGateway(provider.config, { environment: { NOTIFY_SOCKET: name } });
    expect((await socket.next())[0]).to.equal('READY=1');
  });

  run(named('may be gone: the gateway serves, and says once that systemd could not be told'), async () => {
    const name = path.join(temporary.folder, 'gone');
    const gateway = await startGateway(provider.config, { environment: { NOTIFY_SOCKET: name } });
    await eventually('it is logged', () =>
      gateway.log().some(({ msg }) => String(msg).startsWith('systemd could not')),
    );
    expect((await gateway.complete()).status).to.equal(200);
  });
});

describe('the unit of systemd', () => {
  provider.use();
  let temporary: TemporaryFolder;
  before(() => {
    const build = path.join(root, 'scripts', 'build.ts');
    expect(spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' }).status).to.equal(0);
  });
  beforeEach(() => {
    temporary = temporaryFolder('unit');
  });
  afterEach(() => temporary.remove());

  run(named('is what systemd-analyze verify takes without a word, with the checkout in its place'), () => {
    const file = path.join(temporary.folder, 'headgate.service');
    writeFileSync(file, unit.replaceAll('/opt/headgate', root.replace(/\/$/, '')));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).to.equal('');
    expect(status).to.equal(0);
  });

  run(named('leaves an exposure of less than 3, as systemd-analyze security counts it'), () => {
    const args = ['security', '--offline=true', '--no-pager', path.join(root, 'deploy/headgate.service')];
    const { stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    const [, level] = /Overall exposure level for headgate\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(level), stdout).to.be.below(3);
  });

  it('is restarted always, without a limit, but for a bad configuration', () => {
    expect(settings('StartLimitIntervalSec')).to.deep.equal(['0']);
    expect(settings('Restart')).to.deep.equal(['always']);
    expect(settings('RestartPreventExitStatus')).to.deep.equal(['78']);
    expect(settings('NotifyAccess')).to.deep.equal(['all']);
  });

  run(named('restricts system calls, networks and privileges to what the gateway works with'), async () => {
    const primary = startConfined(provider.config);
    try {
      const port = await primary.serves();
      const status = readFileSync(`/proc/${primary.pid}/status`, 'utf8');
      expect(status)
        .to.match(/^Seccomp:\t2$/m)
        .and.to.match(/^NoNewPrivs:\t1$/m)
        .and.to.match(/^CapEff:\t0+$/m);
      expect(await streamFrom(port)).to.match(/data: \[DONE\]\n\n$/);
      primary.signal('SIGUSR2');
      const replaced = () => primary.log().split('"msg":"worker replaced"').length === 3;
      await eventually('workers are replaced', replaced);
      primary.signal('SIGHUP');
      await eventually('it reloads', () => primary.log().includes('"msg":"configuration reloaded"'));
      primary.signal('SIGTERM');
      await eventually('it stops', () => primary.log().includes('"msg":"stopped"'));
      expect(primary.log()).not.to.match(/EPERM|"level":[56]0/);
    } finally {
      await primary.end();
    }
  });

  run(named('lets the next primary take the workers of a former one for its own'), async () => {
    expect(settings('PrivateUsers'), 'processes of other user namespaces are strangers').to.deep.equal([]);
    const [port, adminPort] = [await freePort(), await freePort()];
    const config = { ...provider.config, server: { port }, admin: { port: adminPort } };
    const former = startConfined(config);
    let successor: ReturnType<typeof startConfined> | null = null;
    try {
      await former.serves();
      former.signal('SIGKILL');
      expect(await streamFrom(port), 'its workers serve').to.match(/data: \[DONE\]\n\n$/);
      successor = startConfined(config);
      await successor.serves();
      expect(successor.log()).not.to.match(/EPERM|"level":[456]0/);
      const counted = 'llm_requests_total{provider="openai",status="success",model="gpt-4"} 1\n';
      await eventually('what they served is counted', async () =>
        (await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()).includes(counted),
      );
    } finally {
      await successor?.end();
      await former.end();
    }
  });

  /** The command of the unit, within its restrictions. */
  function startConfined(config: ConfigInput) {
    const file = path.join(temporary.folder, 'headgate.yaml');
    writeFileSync(file, JSON.stringify(config));
    const confined = [helper('confined.py'), allowedCalls().join(','), allowedFamilies().join(',')];
    const child = spawn('python3', [...confined, process.execPath, commandScript(true), 'serve', '--config', file], {
      cwd: temporary.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const group = new ProcessGroup(child);
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const port = () => {
      if (group.hasEnded) throw new Error(`it has ended: ${log}`);
      return /"port":(\d+).*"msg":"serving"/.exec(log)?.[1];
    };
    return {
      pid: group.pid,
      log: () => log,
      serves: async () => Number(await eventually('it serves', port, 20_000)),
      signal: (signal: NodeJS.Signals) => child.kill(signal),
      end: () => group.end(),
    };
  }
});

/** A whole streamed answer. */
async function streamFrom(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
  });
  return answer.text();
}

/** The address families of the unit, by their numbers in Linux. */
function allowedFamilies(): number[] {
  const numbers: Readonly<Record<string, number>> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16 };
  return settings('RestrictAddressFamilies')
    .flatMap((families) => families.split(' '))
    .map((family) => numbers[family] ?? Number.NaN);
}

/** The system calls that the unit leaves, by systemd's own sets; `@default` is always among them. */
function allowedCalls(): string[] {
  const sets = new Map<string, string[]>();
  const { stdout } = spawnSync('systemd-analyze', ['--no-pager', 'syscall-filter'], { encoding: 'utf8' });
  for (const block of stdout.split(/\n(?=@)/)) {
    const [name = '', ...lines] = block.split('\n').map((line) => line.trim());
    sets.set(
      name,
      lines.filter((line) => line !== '' && !line.startsWith('#')),
    );
  }
  const expand = (name: string): string[] => (name.startsWith('@') ? (sets.get(name) ?? []).flatMap(expand) : [name]);
  const allowed = new Set(expand('@default'));
  for (const filter of settings('SystemCallFilter')) {
    const names = filter.replace('~', '').split(' ').flatMap(expand);
    for (const name of names) filter.startsWith('~') ? allowed.delete(name) : allowed.add(name);
  }
  return [...allowed];
}

interface NotifySocket {
  /** The next message: its lines. */
  next(): Promise<string[]>;
  end(): Promise<void>;
}

async function openNotifySocket(name: string): Promise<NotifySocket> {
  const child = spawn('python3', [helper('notify-socket.py'), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const group = new ProcessGroup(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const line = async (index: number) => eventually('a message comes', () => text.split('\n').slice(0, -1)[index]);
  await line(0);
  let read = 0;
  return {
    next: async () => {
      read += 1;
      return JSON.parse(await line(read)) as string[];
    },
    end: () => group.end(),
  };
}
