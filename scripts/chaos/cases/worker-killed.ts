/** A worker is killed every two seconds, and every acknowledged request stays counted. */
import { setTimeout as pause } from 'node:timers/promises';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { judgeSpend } from '../judge-spend.ts';
import { countedOn, EVER, judgeCounted, judgeKilled, judgeMoney, judgeResets, paidShape } from '../judgements.ts';

const WORKERS = 4;
const EVERY_MS = 2_000;

export const workerKilled: ChaosCase = {
  name: 'worker-killed',
  about: 'SIGKILL of one of 4 workers every 2 s at 200 requests/s',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      // Long enough for several requests to be in flight at each kill.
      await provider.shape({ ...paidShape, latencyMs: 40 });
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.1 });
      const kills = run.short ? 6 : 30;
      for (let kill = 0; kill < kills; kill += 1) {
        await pause(EVERY_MS);
        const { workers } = await gateway.status();
        const victim = workers.find(({ slot, state }) => slot === kill % WORKERS && state === 'ready');
        if (victim === undefined) run.note(`the worker of slot ${kill % WORKERS} is not back yet`);
        else await load.kill(victim);
      }
      await pause(EVERY_MS);
      const tally = await load.stop();
      await settled(gateway, WORKERS);
      await prometheus.nextScrape();
      const page = await gateway.metrics();
      judgeCounted(run, tally, countedOn(page));
      judgeMoney(run, page);
      await judgeSpend(run, gateway);
      await judgeResets(run, prometheus);
      const [down] = await prometheus.query(`sum_over_time((1 - up{job="headgate"})[${EVER}:1s])`);
      run.find(guarantees.scrape, `scrapes that Prometheus missed: ${down?.value}`, down?.value === 0);
      judgeKilled(run, `${kills} kills`, tally);
    }),
};
