/**
 * Shows whether memory stays flat under 70 % of the gateway's greatest load, plain requests and some streams, for
 * minutes. Prints the slope of each process's resident memory, and a worker's heap after a forced collection at the
 * beginning and at the end.
 *
 *   npm run soak -- [--minutes 10] [--workers 2]
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { table } from '../../src/cli/table.ts';
import type { Load } from '../load/driver.ts';
import { residentMb } from '../processes/resident-memory.ts';
import { type Contender, sideBySide, target } from './measuring/under-load.ts';
import { probe, probeOptions } from './probes/probe.ts';
import { headgate, type RunningProxy } from './proxies/proxies.ts';
import { requestBody, streamRequestBody } from './upstream/payloads.ts';
import { startStreamUpstream } from './upstream/upstream.ts';

const { values: flags } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, workers: { type: 'string', default: '2' } },
});

const LOAD_SHARE = 0.7;
/** One request in ten is a stream of 20 chunks. */
const bodies = [...Array.from({ length: 9 }, () => requestBody()), streamRequestBody()];
const STREAMS = { everyMs: 20, chunks: 20 };
/** Enough that the streams do not delay the plain requests. */
const CONNECTIONS = 600;
const WARM_UP_SECONDS = 5;
const SETTLE_SHARE = 0.2;
const SLICE_SECONDS = 5;

/** Resident memory of one process over time. */
class Slope {
  readonly #points: { readonly minute: number; readonly mb: number }[] = [];

  add(minute: number, mb: number): void {
    this.#points.push({ minute, mb });
  }

  /** MB per minute, least squares. */
  perMinute(): number {
    const count = this.#points.length;
    const meanMinute = this.#points.reduce((sum, { minute }) => sum + minute, 0) / count;
    const meanMb = this.#points.reduce((sum, { mb }) => sum + mb, 0) / count;
    const covariance = this.#points.reduce((sum, { minute, mb }) => sum + (minute - meanMinute) * (mb - meanMb), 0);
    return covariance / this.#points.reduce((sum, { minute }) => sum + (minute - meanMinute) ** 2, 0);
  }

  range(): string {
    const all = this.#points.map(({ mb }) => mb);
    return `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}`;
  }
}

async function soak(proxy: RunningProxy, load: Load, folder: string): Promise<void> {
  const spec = target(proxy, ...bodies);
  await load.saturate({ target: spec, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
  const { perSecond } = await load.saturate({ target: spec, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
  const rate = Math.floor(perSecond * LOAD_SHARE);
  console.log(`${perSecond.toFixed(0)} requests/s at most; ${rate}/s for ${flags.minutes} minutes`);
  const pids = [...(proxy.primary === null ? [] : [proxy.primary]), ...proxy.serving];
  const slopes = new Map(pids.map((pid) => [pid, new Slope()]));
  const minutes = Number(flags.minutes);
  const startedAt = performance.now();
  const total = { failed: 0, refused: 0 };
  let before: Awaited<ReturnType<typeof probe>> | null = null;
  for (let minute = 0; minute < minutes; minute = (performance.now() - startedAt) / 60_000) {
    const { failed, refused } = await load.pace({ target: spec, perSecond: rate, seconds: SLICE_SECONDS });
    total.failed += failed;
    total.refused += refused;
    // At first caches, pools and compiled code grow to their size.
    if (minute < minutes * SETTLE_SHARE) continue;
    before ??= await probe(folder, proxy.serving);
    for (const [pid, slope] of slopes) slope.add(minute, residentMb(pid));
  }
  await pause(1000);
  const after = await probe(folder, proxy.serving);
  const heads = ['process', 'MB', 'MB / minute', 'heap MB after GC, then', 'now'];
  const lines: string[][] = [];
  for (const [pid, slope] of slopes) {
    const heap = (probed: typeof before) => probed?.find((one) => one.pid === pid)?.heapMb.toFixed(1) ?? '–';
    const name = pid === proxy.primary ? 'primary' : `worker ${pid}`;
    lines.push([name, slope.range(), slope.perMinute().toFixed(2), heap(before), heap(after)]);
  }
  console.log(table(heads, lines, { rule: true, rightFrom: 1 }).join('\n'));
  console.log(`${total.failed} requests failed, ${total.refused} of them refused`);
}

async function main([{ proxy } = never()]: readonly Contender[], load: Load): Promise<void> {
  if (proxy.gateway === null) never();
  else await soak(proxy, load, proxy.gateway.folder);
}

function never(): never {
  throw new Error('a soak is of one gateway');
}

const kind = headgate('Headgate', { workers: Number(flags.workers), nodeOptions: probeOptions });
await sideBySide([kind], () => startStreamUpstream(STREAMS), main);
