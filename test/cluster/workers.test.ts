/**
 * How the gateway handles workers that die, hang, get SIGTERM or are rolled.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { startTraffic, type Traffic } from '../helpers/traffic.ts';

const provider = new OneProvider();

describe('a worker that dies', () => {
  provider.use();

  it('is replaced immediately and counted as ended by a signal', async () => {
    const gateway = await startGateway(provider.config);
    const [victim = 0, other] = await gateway.readyWorkers();
    process.kill(victim, 'SIGKILL');
    const workers = await eventually('a new worker serves', async () => {
      const pids = await gateway.settled(2);
      return !pids.includes(victim) && pids;
    });
    expect(workers).to.include(other);
    expect(await gateway.metric('llm_worker_exits_total{reason="signal"}')).to.equal(1);
    expect((await gateway.complete()).status).to.equal(200);
  });

  it('stays counted when the primary is killed before anybody has scraped', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    const [victim = 0] = await gateway.readyWorkers();
    process.kill(victim, 'SIGKILL');
    await eventually('a new worker serves', async () => !(await gateway.settled(1)).includes(victim));
    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    const exits = await eventually('the counts are complete', async () => {
      const answer = await fetch(`${successor.adminUrl}/metrics`);
      const text = await answer.text();
      return answer.ok && /^llm_worker_exits_total\{reason="signal"\} (\d+)$/m.exec(text)?.[1];
    });
    expect(exits).to.equal('1');
  });

  it('loses no counted request', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    for (let request = 0; request < 5; request += 1) await gateway.complete();
    const [victim = 0] = await gateway.readyWorkers();
    process.kill(victim, 'SIGKILL');
    await eventually('a new worker serves', async () => !(await gateway.settled(1)).includes(victim));
    await gateway.complete();
    const series = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';
    expect(await gateway.metric(series)).to.equal(6);
  });

  it('is replaced with growing delays when it dies repeatedly, and /readyz reports it', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    const readiness = () => fetch(`${gateway.adminUrl}/readyz`).then((answer) => answer.json());
    for (let death = 0; death < 3; death += 1) {
      const [victim = 0] = await eventually('a worker', async () => {
        const pids = await gateway.readyWorkers();
        return pids.length === 1 && pids;
      });
      process.kill(victim, 'SIGKILL');
      await eventually('its end is noticed', async () => !(await gateway.readyWorkers()).includes(victim));
    }
    const { ready, reason } = (await readiness()) as { ready: boolean; reason: string };
    expect(ready).to.equal(false);
    expect(reason).to.be.oneOf(['no worker is ready', 'workers keep dying in slot 0']);
    const waits = gateway.log().filter((line) => line.delayMs !== undefined);
    expect(waits.map((line) => line.delayMs)).to.deep.equal([200, 400]);
    await gateway.settled(1);
  });
});

describe('a worker that hangs', () => {
  provider.use();

  it('is killed and replaced, while the others serve and scrapes answer', async () => {
    const gateway = await startGateway({ ...provider.config, watchdog: '5s' });
    const [victim = 0] = await gateway.readyWorkers();
    process.kill(victim, 'SIGSTOP');
    // Answered without it, while it hangs.
    expect(await gateway.metric('llm_scrape_late_workers')).to.equal(1);
    // Those that the kernel gives to the one that hangs wait until it is killed; of so many, the other gets some.
    const asked = Array.from({ length: 32 }, () => gateway.complete());
    expect((await Promise.any(asked)).status).to.equal(200);
    await eventually('it is replaced', async () => !(await gateway.settled(2)).includes(victim));
    expect(gateway.logged('a worker does not respond and is killed')).to.include({ pid: victim, judgement: 'hung' });
  });
});

describe('a worker that gets a signal', () => {
  provider.use();

  it('gets a successor first on SIGTERM, and finishes its requests', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    const [victim = 0] = await gateway.readyWorkers();
    const traffic = startTraffic(gateway, 4, { freshShare: 0.5 });
    process.kill(victim, 'SIGTERM');
    await eventually('it is replaced', async () => !(await gateway.settled(1)).includes(victim));
    await expectAllAnswered(traffic);
    expect(await gateway.metric('llm_worker_exits_total{reason="replaced"}')).to.equal(1);
  });

  it('ignores the signals that a terminal sends to the whole group', async () => {
    const gateway = await startGateway(provider.config);
    const before = await gateway.readyWorkers();
    for (const pid of before) process.kill(pid, 'SIGINT');
    for (const pid of before) process.kill(pid, 'SIGHUP');
    for (const pid of before) process.kill(pid, 'SIGUSR2');
    for (let request = 0; request < 4; request += 1) expect((await gateway.complete()).status).to.equal(200);
    expect(await gateway.readyWorkers()).to.deep.equal(before);
  });
});

describe('a rolling replacement', () => {
  provider.use();

  it('replaces every worker under traffic without a failed request', async () => {
    const gateway = await startGateway(provider.config);
    const before = await gateway.readyWorkers();
    const traffic = startTraffic(gateway, 8, { freshShare: 0.5 });
    const answer = await fetch(`${gateway.adminUrl}/api/restart`, { method: 'POST' });
    expect(answer.status).to.equal(200);
    gateway.signal('SIGUSR2');
    await eventually(
      'the second roll',
      () => gateway.log().filter((line) => line.msg === 'worker replaced').length === 4,
    );
    await expectAllAnswered(traffic);
    const after = await gateway.readyWorkers();
    expect(after).to.have.length(2);
    for (const pid of before) expect(after).to.not.include(pid);
  });
});

/** The final tally shows that every request was answered, and that there were some. */
async function expectAllAnswered(traffic: Traffic): Promise<void> {
  const { acknowledged, refused, failures } = await traffic.stop();
  expect({ refused, failures }).to.deep.equal({ refused: 0, failures: {} });
  expect(acknowledged).to.be.above(0);
}
