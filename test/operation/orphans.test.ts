/**
 * The primary dies and the workers keep serving: they become orphans, a new primary takes over, and no counter goes
 * down.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { CHECKPOINT_FILE } from '../../src/shared/state/state-files.ts';
import { Workplace } from '../helpers/command.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const series = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';

const provider = new OneProvider();

describe('workers whose primary was killed', () => {
  provider.use();

  it('keep serving, and end when a new primary serves that has all their counts', async () => {
    const gateway = await startGateway(provider.config);
    const orphans = await gateway.readyWorkers();
    await ask(gateway, 5);
    expect(await gateway.metric(series)).to.equal(5);
    await killPrimary(gateway);
    await ask(gateway, 7);

    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await counted(successor, 12);
    await ask(successor, 3);
    await eventually('the orphans have ended', () => orphans.every((pid) => !isRunning(pid)));
    expect(await metricOf(successor)).to.equal(15);
    expect(await successor.metric('llm_workers{state="orphan"}')).to.equal(0);
    expect((await successor.stop()).code).to.equal(0);
  });

  it('are no longer in the status once they have ended, even if nobody scrapes', async () => {
    const gateway = await startGateway(provider.config);
    const [stopped = 0, other = 0] = await gateway.readyWorkers();
    // It cannot end by itself before it is seen.
    process.kill(stopped, 'SIGSTOP');
    await killPrimary(gateway);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    const pids = async () => (await successor.status()).workers.map(({ pid }) => pid);
    expect(await pids()).to.include(stopped);
    process.kill(stopped, 'SIGKILL');
    await eventually('both have ended', () => [stopped, other].every((pid) => !isRunning(pid)));
    expect(await pids())
      .to.not.include(stopped)
      .and.not.include(other);
  });

  it('lose no count even if the state folder was removed while they served', async () => {
    const gateway = await startGateway(provider.config);
    await ask(gateway, 5);
    rmSync(path.join(gateway.folder, '.headgate'), { recursive: true });
    expect(await gateway.metric(series)).to.equal(5);
    expect(await gateway.metric('llm_state_writable')).to.equal(1);
    await killPrimary(gateway);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await counted(successor, 5);
  });

  it('lose no count either if no scrape came between the removal and the death of the primary', async () => {
    const gateway = await startGateway(provider.config);
    await ask(gateway, 5);
    const folder = path.join(gateway.folder, '.headgate');
    rmSync(folder, { recursive: true });
    const isThere = () => existsSync(folder) && readdirSync(folder, { recursive: true }).some(isCheckpoint);
    await eventually('the checkpoint is written again', isThere);
    await killPrimary(gateway);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await counted(successor, 5);
  });

  it('are mentioned by a command that finds no primary', async () => {
    const gateway = await startGateway(provider.config);
    const place = new Workplace({ 'headgate.yaml': JSON.stringify(provider.onPortsOf(gateway)) });
    try {
      await killPrimary(gateway);
      const { code, stderr } = await place.run(['status']);
      expect(stderr).to.match(/^headgate: nothing answers at .*, but workers still serve at .*\n$/);
      expect(stderr).to.contain(gateway.url).and.to.contain('the primary is gone');
      expect(code).to.equal(1);
    } finally {
      await place.leave();
    }
  });

  it('end on SIGTERM', async () => {
    const gateway = await startGateway(provider.config);
    const orphans = await gateway.readyWorkers();
    await killPrimary(gateway);
    for (const pid of orphans) process.kill(pid, 'SIGTERM');
    await eventually('they end', () => orphans.every((pid) => !isRunning(pid)));
  });

  it('end with the clean stop of the next primary, and leave no file', async () => {
    const gateway = await startGateway(provider.config);
    await killPrimary(gateway);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    expect((await successor.stop()).code).to.equal(0);
    expect(gateway.processes()).to.deep.equal([]);
  });
});

describe('a primary that is suspended for a while', () => {
  provider.use();

  it('loses no worker and no count', async () => {
    const gateway = await startGateway({ ...provider.config, watchdog: '2s' });
    const before = await gateway.readyWorkers();
    process.kill(gateway.pid, 'SIGSTOP');
    await ask(gateway, 4);
    // Longer than the watchdog's limit.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    process.kill(gateway.pid, 'SIGCONT');
    expect(await metricOf(gateway)).to.equal(4);
    expect(await gateway.readyWorkers()).to.deep.equal(before);
  });
});

describe('a restart of all', () => {
  provider.use();
  const place = new Workplace();
  after(() => place.leave());

  it('keeps the workers until the next primary serves, and reports that', async () => {
    const gateway = await startGateway(provider.config);
    const workers = await gateway.readyWorkers();
    const command = ['restart', '--all', '--config', gateway.configFile, '--admin-port', String(gateway.adminPort)];
    const restarted = place.run(command);
    expect((await gateway.exited).code).to.equal(0);
    await ask(gateway, 2);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    const { code, stdout } = await restarted;
    expect(stdout).to.match(new RegExp(`^the primary \\(pid ${gateway.pid}\\) ends, `));
    expect(stdout).to.match(new RegExp(`\nthe next primary \\(pid ${successor.pid}\\) serves\n$`));
    expect(code).to.equal(0);
    await counted(successor, 2);
    await eventually('the old workers have ended', () => workers.every((pid) => !isRunning(pid)));
  });
});

async function killPrimary(gateway: RunningGateway): Promise<void> {
  gateway.signal('SIGKILL');
  await gateway.exited;
}

async function ask(gateway: RunningGateway, times: number): Promise<void> {
  for (let request = 0; request < times; request += 1) expect((await gateway.complete()).status).to.equal(200);
}

/** Waits for the count: orphans write their counts each second, so the new primary may have them a second late. */
async function counted(gateway: RunningGateway, requests: number): Promise<void> {
  await eventually(`${requests} requests are counted`, async () => (await metricOf(gateway)) === requests);
}

/** The count; null while the counts are not complete. */
async function metricOf(gateway: RunningGateway): Promise<number | null> {
  const answer = await fetch(`${gateway.adminUrl}/metrics`);
  await answer.arrayBuffer();
  return answer.ok ? gateway.metric(series) : null;
}

function isCheckpoint(name: string | Buffer): boolean {
  return path.basename(String(name)) === CHECKPOINT_FILE;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}
