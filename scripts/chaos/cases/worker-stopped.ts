/** A worker hangs (SIGSTOP) for less than the watchdog allows: scrapes and the other workers are not affected. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Latencies } from '../../load/protocol.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeResets } from '../judgements.ts';
import { probe } from '../prober.ts';

const WORKERS = 4;
const SCRAPE_WITHIN_MS = 300;
/** The other workers may take twice as long as before and so much more: two cores run everything here. */
const NOISE_MS = 50;

export const workerStopped: ChaosCase = {
  name: 'worker-stopped',
  about: 'SIGSTOP of one of 4 workers for 20 s',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.1, timeoutMs: 60_000 });
      // Both the gateway and the load must be warm.
      await pause(3_000);
      await load.latencies();
      await pause(5_000);
      const before = others(await load.latencies(), null);
      const [victim] = await settled(gateway, WORKERS);
      if (victim === undefined) throw new Error('there is no worker');
      process.kill(victim.pid, 'SIGSTOP');
      const scrapes = probe(`${gateway.adminUrl}/metrics`, 200);
      const stoppedS = run.short ? 5 : 20;
      await pause(stoppedS * 1000);
      const { answered, refused, medianMs, slowestMs } = await scrapes();
      const during = others(await load.latencies(), victim.slot);
      const hung = (await load.tally()).inFlight;
      const [slowest] = await prometheus.query(`max_over_time(scrape_duration_seconds{job="headgate"}[${stoppedS}s])`);
      process.kill(victim.pid, 'SIGCONT');
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

/** All slots except one: the number of answers, and the highest p99 of a slot. */
function others({ bySlot }: Latencies, without: number | null): { count: number; p99: number } {
  const slots = Object.entries(bySlot).filter(([slot]) => slot !== String(without));
  return {
    count: slots.reduce((sum, [, { count }]) => sum + count, 0),
    p99: Math.max(0, ...slots.map(([, { p99 }]) => p99)),
  };
}
