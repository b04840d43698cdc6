/**
 * Resident memory of all processes of a row: at rest, under 1,000 streams of 20 chunks a second each, and a while after
 * they were left; how long a stream had to wait for its next chunk meanwhile; and the time from start to service.
 */
import { formatShare } from './cpu-time.ts';
import { residentTotal } from './gateway-under-test.ts';
import { streamRequestBody } from './payloads.ts';
import type { RunningProxy } from './proxies.ts';
import { Readings } from './readings.ts';
import { perRow, type Section } from './section.ts';
import { metered, sideBySide, target } from './under-load.ts';
import { startStreamUpstream } from './upstream.ts';

const STREAMS = 1000;
const EVERY_MS = 50;

export const memory: Section = async ({ kinds, short }) => {
  const seconds = short ? 1 : 10;
  const rest = new Readings();
  const inStreams = new Readings();
  const after = new Readings();
  const boot = new Readings();
  const notes: string[] = [];
  // One at a time: a thousand sockets of a neighbour are not nothing.
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
            await load.tally();
            await pause(seconds * 1000);
            return load.tally();
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
