/**
 * A worker whose event loop is blocked for longer than the watchdog allows is replaced, and its counts are kept. No
 * worker is replaced because the whole host was suspended.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../processes/eventually.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeKilled, judgeResets } from '../judgements.ts';

const WORKERS = 3;
const WATCHDOG_S = 3;
const SUSPENDED_S = 8;

export const blockedLoop: ChaosCase = {
  name: 'blocked-loop',
  about: `a worker blocked for longer than a watchdog of ${WATCHDOG_S} s, and a host suspended for ${SUSPENDED_S} s`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      await provider.shape({ latencyMs: 40 });
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS, { watchdog: `${WATCHDOG_S}s` }));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 150 });
      await pause(3_000);
      const [victim] = await settled(gateway, WORKERS);
      if (victim === undefined) throw new Error('there is no worker');
      await load.kill(victim, 'SIGSTOP');
      const stoppedAt = performance.now();
      await eventually(
        'its successor serves',
        async () => {
          const { workers } = await gateway.status();
          return workers.some(
            ({ slot, pid, state }) => slot === victim.slot && pid !== victim.pid && state === 'ready',
          );
        },
        20_000,
      );
      const replacedS = (performance.now() - stoppedAt) / 1000;
      await pause(2_000);
      const tally = await load.stop();
      const before = await settled(gateway, WORKERS);
      run.find(
        guarantees.replaced,
        `blocked worker replaced after ${replacedS.toFixed(1)} s (watchdog ${WATCHDOG_S} s)`,
        replacedS >= WATCHDOG_S - 1 && replacedS < WATCHDOG_S + 3,
      );
      judgeKilled(run, 'the blocked one', tally);
      judgeCounted(run, tally, countedOn(await gateway.metrics()));

      // The group is the primary and all workers. A closed laptop or a hypervisor does the same to them.
      process.kill(-gateway.pid, 'SIGSTOP');
      await pause(SUSPENDED_S * 1000);
      process.kill(-gateway.pid, 'SIGCONT');
      await pause(4_000);
      const after = await settled(gateway, WORKERS);
      const replaced = after.filter(({ pid }) => before.every((worker) => worker.pid !== pid)).length;
      run.find(guarantees.replaced, `${replaced} workers replaced for a suspended host`, replaced === 0);
      await prometheus.nextScrape();
      await judgeResets(run, prometheus);
    }),
};
