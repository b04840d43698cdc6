/**
 * The cost of a stream whose client does not read: resident memory of the serving processes per such stream when all
 * buffers on its way are full. Also whether other clients are served meanwhile, and whether the memory is reused when
 * the stalled clients have left and as many new ones come.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Load } from '../../load/driver.ts';
import { residentTotal } from '../../processes/resident-memory.ts';
import { withFolder } from '../../processes/temporary-folder.ts';
import { sideBySide, target } from '../measuring/under-load.ts';
import { probe, probeOptions } from '../probes/probe.ts';
import { bareWith, headgate, type RunningProxy } from '../proxies/proxies.ts';
import { requestBody, streamRequestBody } from '../upstream/payloads.ts';
import { startStreamUpstream } from '../upstream/upstream.ts';
import type { Section } from './section.ts';
import { StalledReaders } from './stalled-readers.ts';
import { untilFull } from './until-full.ts';

const LIMIT_KIB = 256;
const SERVED_WITHIN_MS = 1000;

/** If the last round adds less than this share of what the first one added, memory is reused. */
const GROWS_AGAIN = 0.5;

const WARM_STREAMS = 32;
const WARM_MS = 3000;
const LEAVE_MS = 2000;

export const readers: Section = async ({ short }) => {
  const [streams, rounds] = short ? [100, 2] : [200, 3];
  const notes: string[] = [];
  await withFolder('readers', async (folder) => {
    const nodeOptions = probeOptions;
    const kinds = [bareWith({ nodeOptions, folder }), headgate('Headgate, 1 worker', { workers: 1, nodeOptions })];
    const start = () => startStreamUpstream({ everyMs: 1, chunks: 0 });
    for (const kind of kinds) {
      await sideBySide([kind], start, async (contenders, load) => {
        for (const { proxy } of contenders) {
          const inUse = () => collected(proxy, proxy.gateway?.folder ?? folder);
          const lines = await stall({ proxy, load, streams, rounds, inUse });
          notes.push(...lines.map((line) => `readers: ${kind.name}: ${line}`));
        }
      });
    }
  });
  return { figures: {}, notes };
};

interface Trial {
  readonly proxy: RunningProxy;
  readonly load: Load;
  readonly streams: number;
  readonly rounds: number;
  /** Memory in use after a garbage collection, in MB. */
  readonly inUse: () => Promise<number>;
}

async function stall({ proxy, load, streams, rounds, inUse }: Trial): Promise<string[]> {
  await warmUp(proxy, load);
  // Each round begins after a collection: otherwise garbage of the round before would still be in the heap.
  let free = await inUse();
  const levels = [residentTotal(proxy.serving)];
  const notes: string[] = [];
  let held = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const stalled = new StalledReaders();
    try {
      await stalled.open(target(proxy, streamRequestBody()), streams);
      await untilFull(proxy.serving);
      levels.push(residentTotal(proxy.serving));
      if (round === 1) notes.push(await others(proxy, load));
      if (stalled.lost > 0)
        notes.push(`${stalled.lost} stalled streams were closed by the server: the figures are void`);
      held = Math.max(held, (await inUse()) - free);
    } finally {
      stalled.close();
    }
    await pause(LEAVE_MS);
    free = await inUse();
  }
  const perStream = (megabytes: number) => (megabytes * 1024) / streams;
  const growths = levels.slice(1).map((level, index) => level - (levels[index] ?? Number.NaN));
  const [first = Number.NaN] = growths;
  const last = growths.at(-1) ?? Number.NaN;
  const grown = perStream(first);
  const inUseEach = perStream(held);
  // Growth alone would be too low for a process that had free memory before.
  const withinLimit = Math.max(grown, inUseEach) <= LIMIT_KIB;
  return [
    `${streams} unread streams take ${grown.toFixed(0)} KiB each of resident memory; ` +
      `${inUseEach.toFixed(0)} KiB each at most are in use after a collection: ${verdict(withinLimit)} the limit of ${LIMIT_KIB} KiB`,
    `${rounds} rounds of them, all closed in between: ${levels.map((level) => level.toFixed(0)).join(' → ')} MB: ` +
      `memory is ${last < first * GROWS_AGAIN ? 'reused' : 'NOT REUSED'}`,
    ...notes,
  ];
}

/** Brings compiled code and the young generation to their size, with too few streams to change the result. */
async function warmUp(proxy: RunningProxy, load: Load): Promise<void> {
  await load.saturate({ target: target(proxy, requestBody()), connections: WARM_STREAMS, seconds: WARM_MS / 1000 });
  await load.hold(target(proxy, streamRequestBody()), WARM_STREAMS);
  await pause(WARM_MS);
  await load.release();
  await pause(LEAVE_MS);
}

/** How clients that do read are served. */
async function others(proxy: RunningProxy, load: Load): Promise<string> {
  const { toEnd, failed } = await load.pace({ target: target(proxy, requestBody()), perSecond: 20, seconds: 1 });
  const startedAt = performance.now();
  await load.hold(target(proxy, streamRequestBody()), 1);
  const toFirstEvent = performance.now() - startedAt;
  const { lost } = await load.streamTally();
  await load.release();
  const slowest = Math.max(...toEnd, toFirstEvent);
  const served = failed + lost === 0 && slowest < SERVED_WITHIN_MS;
  return (
    `meanwhile plain answers took at most ${Math.max(...toEnd).toFixed(0)} ms, a stream's first chunk ` +
    `${toFirstEvent.toFixed(0)} ms, ${failed + lost} failed: ${verdict(served)} the limit of ${SERVED_WITHIN_MS} ms`
  );
}

function verdict(holds: boolean): string {
  return holds ? 'within' : 'ABOVE';
}

/** Heap and buffers after a garbage collection, in MB. */
async function collected({ serving }: RunningProxy, folder: string): Promise<number> {
  const probed = await probe(folder, serving);
  return probed.reduce((sum, { heapMb, externalMb }) => sum + heapMb + externalMb, 0);
}
