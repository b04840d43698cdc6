/** A worker hangs (SIGSTOP) for less than the watchdog's patience: scrapes and the other workers do not feel it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeResets, settled } from '../judgements.ts';
import type { Latencies } from '../load-protocol.ts';
import { probe } from '../prober.ts';
import { chaosConfig, Rig } from '../rig.ts';

const WORKERS = 4;
const SCRAPE_WITHIN_MS = 300;
/** The others may be slower than before by so much, beside twice: two cores serve everything here. */
const NOISE_MS = 50;

export const workerStopped: ChaosCase = {
  name: 'worker-stopped',
  about: 'SIGSTOP of one of 4 workers for 20 s',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(chaosConfig(provider, WORKERS));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.1, timeoutMs: 60_000 });
      // Neither the gateway nor the load is warm before.
      await pause(3_000);
      await load.latencies();
      await pause(5_000);
      const before = others(await load.latencies(), null);
      const [victim] = await settled(gateway, WORKERS);
      if (victim === undefined) throw new Error('there is no worker');
      process.kill(victim.pid, 'SIGSTOP');
      // In case this run ends early: a stopped process hears nothing but that.
      rig.atEnd(async () => resume(victim.pid));
      const scrapes = probe(`${gateway.adminUrl}/metrics`, 200);
      const stoppedS = run.short ? 5 : 20;
      await pause(stoppedS * 1000);
      const { answered, refused, medianMs, slowestMs } = await scrapes();
      const during = others(await load.latencies(), victim.slot);
      const hung = (await load.tally()).inFlight;
      const [slowest] = await prometheus.query(`max_over_time(scrape_duration_seconds{job="headgate"}[${stoppedS}s])`);
      resume(victim.pid);
      const tally = await load.stop();
      await prometheus.nextScrape();
      const prometheusMs = (slowest?.value ?? Number.NaN) * 1000;
      run.find(
        guarantees.scrape,
        `${answered} scrapes answered, ${refused.length} not; median ${medianMs.toFixed(0)} ms, slowest ${slowestMs.toFixed(0)} ms (Prometheus' own: ${prometheusMs.toFixed(0)} ms)`,
        refused.length === 0 && slowestMs < SCRAPE_WITHIN_MS && prometheusMs < SCRAPE_WITHIN_MS,
      );
      run.find(
        guarantees.replaced,
        `the other workers: ${during.count} answered, p99 ${before.p99.toFixed(0)} → ${during.p99.toFixed(0)} ms; failed ${tally.failed}; ${hung} waited for the stopped one and were answered`,
        tally.failed === 0 && during.count > 0 && during.p99 <= before.p99 * 2 + NOISE_MS,
      );
      judgeCounted(run, tally, countedOn(await gateway.metrics()));
      await judgeResets(run, prometheus);
    }),
};

/** All slots but one: how many answers, and the worst slot's p99. */
function others({ bySlot }: Latencies, without: number | null): { count: number; p99: number } {
  const slots = Object.entries(bySlot).filter(([slot]) => slot !== String(without));
  return {
    count: slots.reduce((sum, [, { count }]) => sum + count, 0),
    p99: Math.max(0, ...slots.map(([, { p99 }]) => p99)),
  };
}

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended meanwhile.
  }
}
