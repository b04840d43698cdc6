/**
 * A request whose parsed JSON would exceed V8's memory limit is refused while it comes: no worker dies of it, as any
 * Node program would that parses what it is sent.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeResets, sumOf } from '../judgements.ts';

const WORKERS = 3;
const HEAP_MB = 96;
const BODY_MB = 24;

export const outOfMemory: ChaosCase = {
  name: 'out-of-memory',
  about: `workers with a heap of ${HEAP_MB} MB that are sent ${BODY_MB} MB of JSON lists, several times`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS), {
        nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
      });
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 100 });
      await pause(3_000);
      const times = run.short ? 3 : 9;
      const statuses: number[] = [];
      for (let time = 0; time < times; time += 1) statuses.push(await unfold(gateway));
      await pause(2_000);
      const tally = await load.stop();
      await prometheus.nextScrape();
      const page = await gateway.metrics();
      const { acknowledged, sent, failed, byStatus, inFlight } = tally;
      const deaths = sumOf(page, /llm_worker_exits_total\{reason="(?:signal|crash)"\}/);
      run.find(
        guarantees.replaced,
        `${times} bodies got ${[...new Set(statuses)].join(', ')}: ${deaths} workers died, ${failed} of ${sent} other requests failed`,
        statuses.every((status) => status === 400) && deaths === 0 && failed === 0 && inFlight === 0,
      );
      const beyond = countedOn(page) - acknowledged;
      run.find(
        guarantees.counted,
        `acknowledged ${acknowledged}, counted beyond ${beyond} (refused ${times})`,
        byStatus[200] === acknowledged && beyond === times,
      );
      await judgeResets(run, prometheus);
    }),
};

/** Sends the request, and returns the status of its answer; 0 if its connection breaks. */
async function unfold({ url }: RunningGateway): Promise<number> {
  const lists = new Array(Math.floor((BODY_MB * 2 ** 20) / 3)).fill('[]').join(',');
  const body = `{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}],"metadata":[${lists}]}`;
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }).then(
    ({ status }) => status,
    () => 0,
  );
}
