/** The primary is stopped for half a minute: the workers keep serving, and its counts catch up afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeResets } from '../judgements.ts';

const WORKERS = 3;

export const primaryStopped: ChaosCase = {
  name: 'primary-stopped',
  about: 'SIGSTOP of the primary for 30 s at 200 requests/s',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      // Shorter than the stop: a primary that mistook its own stop for silence would replace all workers.
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS, { watchdog: '5s' }));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const before = await settled(gateway, WORKERS);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.1 });
      await pause(3_000);
      await load.latencies();
      process.kill(gateway.pid, 'SIGSTOP');
      const stopMs = run.short ? 8_000 : 30_000;
      await pause(stopMs);
      const { bySlot } = await load.latencies();
      process.kill(gateway.pid, 'SIGCONT');
      const resumedAt = performance.now();
      const { acknowledged } = await load.tally();
      let caughtUpMs = Number.POSITIVE_INFINITY;
      while (performance.now() - resumedAt < 10_000 && caughtUpMs === Number.POSITIVE_INFINITY) {
        if (countedOn(await gateway.metrics()) >= acknowledged) caughtUpMs = performance.now() - resumedAt;
      }
      await pause(3_000);
      const tally = await load.stop();
      const after = await settled(gateway, WORKERS);
      await prometheus.nextScrape();
      const p99 = Math.max(...Object.values(bySlot).map((slot) => slot.p99));
      const same = after.every(({ pid }) => before.some((worker) => worker.pid === pid));
      run.find(
        guarantees.withoutPrimary,
        `primary stopped ${stopMs / 1000} s: ${tally.failed} of ${tally.sent} failed, p99 ${p99.toFixed(0)} ms meanwhile; counts complete ${caughtUpMs.toFixed(0)} ms after; workers replaced ${same ? 0 : 'some'}`,
        tally.failed === 0 && tally.byStatus[200] === tally.sent && same && Number.isFinite(caughtUpMs),
      );
      judgeCounted(run, tally, countedOn(await gateway.metrics()));
      await judgeResets(run, prometheus);
    }),
};
