/** A primary that dies again and again, as soon as it is seen or as soon as it serves: its orphans serve on, and do not pile up. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../test/helpers/eventually.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { GatewayUnderPm2 } from '../gateway-under-pm2.ts';
import { countedOn, describeFailed, judgeCounted, judgeResets, settled } from '../judgements.ts';
import { chaosConfig, Rig } from '../rig.ts';

const WORKERS = 3;
/**
 * An orphan looks for a successor each second and may then take another: in so long the loop makes a few lives more.
 * Were none to go before its minute is over, all that had served would be there in the end, twice as many.
 */
const MOST_LIVES = 6;

export const primaryCrashLoop: ChaosCase = {
  name: 'primary-crash-loop',
  about: 'SIGKILL of the primary under pm2 as soon as it is seen, or serves, 14 times',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await GatewayUnderPm2.start(rig, chaosConfig(provider, WORKERS));
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
          'another primary lives',
          async () => {
            most = Math.max(most, gateway.workers().length);
            const successor = await gateway.successorOf(killed);
            // Every other one gets as far as to serve, so that it leaves orphans too.
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
        tally.failed === 0 && most <= MOST_LIVES * WORKERS && left === WORKERS,
      );
      judgeCounted(run, tally, countedOn(await gateway.metrics()));
      await judgeResets(run, prometheus);
    }),
};
