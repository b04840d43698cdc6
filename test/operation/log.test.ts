/**
 * What may happen to the log of a gateway: nobody reads it, its reader is gone, its disk is full. It costs lines, which
 * are counted, and never a request, a scrape or a process.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { withFolder } from '../../scripts/processes/temporary-folder.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { startTraffic } from '../helpers/traffic.ts';

const DROPPED = 'llm_log_lines_dropped_total';
const NOTICE = 'log lines were dropped: they could not be written';
/** The longest names that a configuration may have. A request's line contains them and fills buffers sooner. */
const longModel = 'm'.repeat(128);
const longUpstreamModel = 'u'.repeat(256);

const provider = new OneProvider();

/** One worker, and a model with long names. */
function withLongModel(): ConfigInput {
  const models = { [longModel]: { targets: [{ provider: 'openai', model: longUpstreamModel }] } };
  return { ...provider.config, workers: 1, models };
}

async function ask(gateway: RunningGateway, count: number): Promise<void> {
  for (let request = 0; request < count; request += 1) expect((await gateway.complete()).status).to.equal(200);
}

/** Asks until lines are dropped. Resolves with the number of requests. */
async function askUntilDropped(gateway: RunningGateway): Promise<number> {
  const traffic = startTraffic(gateway, 8, { model: longModel, freshShare: 0 });
  await eventually('lines are dropped', async () => Number(await gateway.metric(DROPPED)) > 0, 40_000);
  const { acknowledged, refused, broken } = await traffic.stop();
  expect({ refused, broken }).to.deep.equal({ refused: 0, broken: 0 });
  return acknowledged;
}

function linesOf(gateway: RunningGateway, message: string) {
  return gateway.log().filter(({ msg }) => msg === message);
}

describe('a log that nobody reads', () => {
  provider.use();

  it('stops neither requests nor scrapes nor probes, and says later how many lines are missing', async () => {
    const gateway = await startGateway(withLongModel());
    const workers = await gateway.readyWorkers();
    expect(await gateway.metric(DROPPED)).to.equal(0);
    gateway.child.stdout?.pause();
    const requests = await askUntilDropped(gateway);
    expect((await fetch(`${gateway.adminUrl}/livez`)).status).to.equal(200);
    expect(await gateway.readyWorkers()).to.deep.equal(workers);

    gateway.child.stdout?.resume();
    const missing = () => linesOf(gateway, NOTICE).reduce((sum, { dropped }) => sum + Number(dropped), 0);
    await eventually(
      'every line is there or reported as missing',
      () => linesOf(gateway, 'request').length + missing() === requests,
    );
    expect(linesOf(gateway, NOTICE).every(({ level, worker }) => level === 40 && typeof worker === 'number'));
    await eventually('all are counted', async () => (await gateway.metric(DROPPED)) === missing());
    expect(await gateway.readyWorkers()).to.deep.equal(workers);
  });

  it('does not hold up the stop', async () => {
    const gateway = await startGateway(withLongModel());
    gateway.child.stdout?.pause();
    await askUntilDropped(gateway);
    expect((await gateway.stop()).code).to.equal(0);
  });
});

describe('a log whose reader is gone', () => {
  provider.use();

  it('ends no process', async () => {
    const gateway = await startGateway(withLongModel());
    const workers = await gateway.readyWorkers();
    gateway.child.stdout?.destroy();
    await askUntilDropped(gateway);
    gateway.signal('SIGHUP');
    await eventually('the primary reloads', async () => (await gateway.status()).config.version === 2);
    expect(await gateway.readyWorkers()).to.deep.equal(workers);
    expect((await gateway.stop()).code).to.equal(0);
  });

  it('gets the lines of orphans from their successor', async () => {
    const gateway = await startGateway(provider.config);
    await ask(gateway, 2);
    await eventually('their lines are written', () => linesOf(gateway, 'request').length === 2);
    gateway.signal('SIGKILL');
    await gateway.exited;
    gateway.child.stdout?.destroy();
    await ask(gateway, 30);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await eventually('the lines are there', () => linesOf(successor, 'request').length === 30);
    await eventually('no file is left', () => readdirSync(gateway.stateFolder).every((name) => !name.includes('log')));
    await successor.stop();
  });
});

describe('a log on a full disk', () => {
  provider.use();

  it('lets a gateway start and serve', async () => {
    const ports = { port: await freePort(), adminPort: await freePort() };
    const full = openSync('/dev/full', 'w');
    const config = { ...provider.config, server: { port: ports.port }, admin: { port: ports.adminPort } };
    const gateway = await startGateway(config, { ports, standardOutput: full });
    closeSync(full);
    await ask(gateway, 20);
    const { code, errorOutput } = await gateway.stop();
    expect({ code, errorOutput }).to.deep.equal({ code: 0, errorOutput: '' });
  });

  it('lacks lines that it has no room for, and goes on when there is room', () =>
    withFolder('log', async (folder) => {
      const ports = { port: await freePort(), adminPort: await freePort() };
      const file = path.join(folder, 'log');
      const log = openSync(file, 'a');
      const config = { ...withLongModel(), server: { port: ports.port }, admin: { port: ports.adminPort } };
      const gateway = await startGateway(config, { ports, standardOutput: log });
      closeSync(log);
      const workers = await gateway.readyWorkers();
      for (const pid of gateway.processes()) limitFiles(pid, '300000');
      await askUntilDropped(gateway);
      expect(await gateway.readyWorkers()).to.deep.equal(workers);
      for (const pid of gateway.processes()) limitFiles(pid, 'unlimited');
      await eventually('lines are reported as missing', () => readFileSync(file, 'utf8').includes(NOTICE));
      expect((await gateway.stop()).code).to.equal(0);
      // No line is broken.
      for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) JSON.parse(line);
    }));
});

/** Limits the size of files as a full disk would; beyond it the system also sends SIGXFSZ. */
function limitFiles(pid: number, bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' });
  expect(status, stderr).to.equal(0);
}

describe('the lines of requests', () => {
  provider.use();

  it('are written for all, for errors, or for none, as the configuration says after each reload', async () => {
    const gateway = await startGateway(provider.config);
    const askBoth = async () => {
      await ask(gateway, 1);
      expect((await gateway.complete({ model: 'unknown' })).status).to.equal(404);
    };
    const reload = async (requests: string) => {
      gateway.writeConfig({ ...provider.config, log: { requests } });
      expect((await fetch(`${gateway.adminUrl}/api/reload`, { method: 'POST' })).status).to.equal(200);
    };
    await askBoth();
    await reload('none');
    await askBoth();
    await reload('errors');
    await askBoth();
    await gateway.stop();
    if (gateway.child.stdout?.readableEnded === false) await once(gateway.child.stdout, 'end');
    // The lines of two workers.
    const statuses = linesOf(gateway, 'request').map(({ status }) => Number(status));
    expect(statuses.sort()).to.deep.equal([200, 404, 404]);
  });
});
