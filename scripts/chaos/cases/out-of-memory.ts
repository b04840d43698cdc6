/**
 * A request whose JSON unfolds beyond V8's limit ends its worker, as it would any Node program; the others and the
 * numbers do not feel it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../test/helpers/eventually.ts';
import type { GatewayUnderTest } from '../../bench/gateway-under-test.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeResets, settled, sumOf } from '../judgements.ts';
import { chaosConfig, Rig } from '../rig.ts';

const WORKERS = 3;
const HEAP_MB = 96;
const BODY_MB = 24;

export const outOfMemory: ChaosCase = {
  name: 'out-of-memory',
  about: `a worker with a heap of ${HEAP_MB} MB asked to unfold ${BODY_MB} MB of JSON, three times`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(chaosConfig(provider, WORKERS), [`--max-old-space-size=${HEAP_MB}`]);
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
      // V8's own last words, which the workers' log holds.
      const outOfMemory = readFileSync(join(gateway.folder, 'log'), 'utf8').split('heap out of memory').length - 1;
      run.find(
        guarantees.replaced,
        `${outOfMemory} of ${times} workers died of V8's limit and were replaced: ${failed} of ${sent} requests failed beside (those in flight on them)`,
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

/** Sends the request; that its connection breaks is what it is for. */
async function unfold({ url }: GatewayUnderTest): Promise<void> {
  const lists = new Array(Math.floor((BODY_MB * 2 ** 20) / 3)).fill('[]').join(',');
  const body = `{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}],"metadata":[${lists}]}`;
  const headers = { 'content-type': 'application/json', connection: 'close' };
  await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }).catch(() => null);
}

async function deaths(gateway: GatewayUnderTest): Promise<number> {
  return sumOf(await gateway.metrics(), /llm_worker_exits_total\{reason="(?:signal|crash)"\}/);
}
