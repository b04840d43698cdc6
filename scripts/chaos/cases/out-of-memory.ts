/**
 * A request whose parsed JSON exceeds V8's memory limit ends its worker, as it would end any Node program. The other
 * workers and the counts are not affected.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../processes/eventually.ts';
import type { RunningGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeResets, sumOf } from '../judgements.ts';

const WORKERS = 3;
const HEAP_MB = 96;
const BODY_MB = 24;

export const outOfMemory: ChaosCase = {
  name: 'out-of-memory',
  about: `a worker with a heap of ${HEAP_MB} MB that must parse ${BODY_MB} MB of JSON, three times`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS), {
        nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
      });
      const prometheus = await rig.prometheus(gateway.adminPort);
      const load = await rig.load({ url: gateway.url, perSecond: 100 });
      await pause(3_000);
      const times = run.short ? 1 : 3;
      for (let time = 1; time <= times; time += 1) {
        await unfold(gateway);
        await eventually('the worker has died', async () => (await deaths(gateway)) >= time, 30_000);
        await settled(gateway, WORKERS);
        await pause(2_000);
      }
      const tally = await load.stop();
      await prometheus.nextScrape();
      const page = await gateway.metrics();
      const { acknowledged, sent, failed, byStatus, inFlight } = tally;
      const beyond = countedOn(page) - acknowledged;
      // V8's last message, which is in the log.
      const outOfMemory = readFileSync(join(gateway.folder, 'log'), 'utf8').split('heap out of memory').length - 1;
      run.find(
        guarantees.replaced,
        `${outOfMemory} of ${times} workers died of V8's limit and were replaced: ${failed} of ${sent} requests failed (those in flight on them)`,
        outOfMemory === times && byStatus[200] === acknowledged && inFlight === 0 && failed < sent * 0.02,
      );
      run.find(
        guarantees.counted,
        `acknowledged ${acknowledged}, counted beyond ${beyond} (failed ${failed})`,
        beyond >= 0 && beyond <= failed + times,
      );
      await judgeResets(run, prometheus);
    }),
};

/** Sends the request. Its connection breaks, as intended. */
async function unfold({ url }: RunningGateway): Promise<void> {
  const lists = new Array(Math.floor((BODY_MB * 2 ** 20) / 3)).fill('[]').join(',');
  const body = `{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}],"metadata":[${lists}]}`;
  const headers = { 'content-type': 'application/json', connection: 'close' };
  await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }).catch(() => null);
}

async function deaths(gateway: RunningGateway): Promise<number> {
  return sumOf(await gateway.metrics(), /llm_worker_exits_total\{reason="(?:signal|crash)"\}/);
}
