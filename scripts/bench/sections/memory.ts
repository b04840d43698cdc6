/**
 * Resident memory of all processes of a row: idle, under 1,000 streams of 20 chunks per second each, and some seconds
 * after these were closed. Also the longest wait of a stream for its next chunk, and the time from start to service.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { residentTotal } from '../../processes/resident-memory.ts';
import { Readings } from '../measuring/readings.ts';
import { metered, sideBySide, target } from '../measuring/under-load.ts';
import type { RunningProxy } from '../proxies/proxies.ts';
import { streamRequestBody } from '../upstream/payloads.ts';
import { startStreamUpstream } from '../upstream/upstream.ts';
import { formatShare, perRow, type Section } from './section.ts';

const STREAMS = 1000;
const EVERY_MS = 50;

export const memory: Section = async ({ kinds, short }) => {
  const seconds = short ? 1 : 10;
  const rest = new Readings();
  const inStreams = new Readings();
  const after = new Readings();
  const boot = new Readings();
  const notes: string[] = [];
  // One row at a time: a thousand sockets of another row would disturb.
  for (const kind of kinds) {
    await sideBySide(
      [kind],
      () => startStreamUpstream({ everyMs: EVERY_MS, chunks: 0 }),
      async (contenders, load, upstream) => {
        for (const { proxy } of contenders) {
          boot.add(kind.name, proxy.bootMs);
          rest.add(kind.name, resident(proxy));
          await load.hold(target(proxy, streamRequestBody()), STREAMS);
          const { result, serving, upstreamShare } = await metered(proxy, upstream, async () => {
            await load.streamTally();
            await pause(seconds * 1000);
            return load.streamTally();
          });
          inStreams.add(kind.name, resident(proxy));
          await load.release();
          await pause(short ? 500 : 3000);
          after.add(kind.name, resident(proxy));
          notes.push(
            `memory: ${kind.name}: ${STREAMS} streams, ${(result.events / seconds).toFixed(0)} chunks/s of ` +
              `${(STREAMS * 1000) / EVERY_MS}, longest wait of any ${result.longestGapMs.toFixed(0)} ms, ${result.lost} lost; ` +
              `its processes used ${formatShare(serving / (seconds * 1e6))} of a core, the upstream ${formatShare(upstreamShare)}`,
          );
        }
      },
    );
  }
  return {
    figures: {
      restMb: perRow(kinds, (row) => rest.median(row)),
      streamsMb: perRow(kinds, (row) => inStreams.median(row)),
      afterMb: perRow(kinds, (row) => after.median(row)),
      bootMs: perRow(kinds, (row) => boot.median(row)),
    },
    notes,
  };
};

function resident({ serving, primary }: RunningProxy): number {
  const pids = primary === null ? serving : [primary, ...serving];
  return residentTotal(pids);
}
