/**
 * The primary dies again and again, when it starts or when it serves: its orphans keep serving and do not accumulate.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../processes/eventually.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, describeFailed, judgeCounted, judgeResets } from '../judgements.ts';

const WORKERS = 3;
/**
 * An orphan looks for a successor once a second, and then may need a second more to leave. Meanwhile the loop makes a
 * few generations more. If no orphan left before its minute is over, there would be twice as many workers in the end.
 */
const MOST_GENERATIONS = 6;

export const primaryCrashLoop: ChaosCase = {
  name: 'primary-crash-loop',
  about: 'SIGKILL of the primary under pm2 as soon as it is seen, or serves, 14 times',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gatewayUnderPm2(oneProviderConfig(provider.port, WORKERS));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.2 });
      await pause(3_000);
      const kills = run.short ? 4 : 14;
      let { pid } = (await gateway.status()).primary;
      let most = 0;
      const trail: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        const killed = pid;
        process.kill(killed, 'SIGKILL');
        pid = await eventually(
          'another primary runs',
          async () => {
            most = Math.max(most, gateway.workers().length);
            const successor = await gateway.successorOf(killed);
            // Every other primary is killed only when it serves, so that it leaves orphans too.
            return (kill % 2 === 0 || successor?.ready) && successor?.pid;
          },
          30_000,
        );
        trail.push(gateway.workers().length);
      }
      run.note(`worker processes at each kill: ${trail.join(' ')}`);
      await settled(gateway, WORKERS, 90_000);
      await pause(2_000);
      const tally = await load.stop();
      await prometheus.nextScrape();
      const left = gateway.workers().length;
      run.find(
        guarantees.withoutPrimary,
        `${kills} primaries killed at first sight or when ready: ${describeFailed(tally)}; at most ${most} worker processes (${WORKERS} configured), ${left} in the end`,
        tally.failed === 0 && most <= MOST_GENERATIONS * WORKERS && left === WORKERS,
      );
      judgeCounted(run, tally, countedOn(await gateway.metrics()));
      await judgeResets(run, prometheus);
    }),
};
