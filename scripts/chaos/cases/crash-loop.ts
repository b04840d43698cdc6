/**
 * A worker that dies again and again is replaced more and more slowly, /readyz reports it, and the other worker keeps
 * serving.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeKilled } from '../judgements.ts';

const WORKERS = 2;
const LOOPING = 0;
/** The back-off doubles from 200 ms to 10 s, so at most this many forks fit into 20 s. */
const MOST_FORKS = 9;

export const crashLoop: ChaosCase = {
  name: 'crash-loop',
  about: 'one worker killed as soon as it is seen, for 20 s',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS));
      const load = await rig.load({ url: gateway.url, perSecond: 100, freshShare: 0.2 });
      await pause(3_000);
      const killed = new Set<number>();
      const untilMs = performance.now() + 20_000;
      while (performance.now() < untilMs) {
        const { workers } = await gateway.status();
        for (const worker of workers.filter(({ slot, pid }) => slot === LOOPING && !killed.has(pid))) {
          killed.add(worker.pid);
          await load.kill(worker);
        }
        await pause(20);
      }
      const readiness = await fetch(`${gateway.adminUrl}/readyz`);
      const { reason } = (await readiness.json()) as { reason: string };
      const tally = await load.stop();
      const page = await gateway.metrics();
      await settled(gateway, WORKERS);
      run.find(
        guarantees.replaced,
        `${killed.size} deaths in 20 s (at most ${MOST_FORKS}); /readyz ${readiness.status}: ${reason}; back when the kills end`,
        killed.size > 2 && killed.size <= MOST_FORKS && readiness.status === 503,
      );
      judgeKilled(run, 'one of 2 workers in a crash loop', tally);
      judgeCounted(run, tally, countedOn(page));
    }),
};
