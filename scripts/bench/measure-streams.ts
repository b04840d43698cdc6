/** Streams without an end, one chunk per packet: CPU per chunk while they flow, one row after the other. */
import type { Rounds } from './measure-plain.ts';
import { streamRequestBody } from './payloads.ts';
import type { ProxyKind } from './proxies.ts';
import { Readings } from './readings.ts';
import { inTurn, metered, sideBySide, target } from './under-load.ts';
import { startStreamUpstream } from './upstream.ts';

export interface StreamReadings {
  /** CPU of the serving processes, µs per chunk. */
  readonly cpu: Readings;
  readonly primaryCpu: Readings;
  readonly perSecond: Readings;
  /** Events per read of the client: above 1 where chunks were put together on their way. */
  readonly perRead: Readings;
  readonly lost: Readings;
  readonly upstreamShare: Readings;
}

/** 100 streams with a chunk every 10 ms: 10,000 chunks a second, which no row is too slow for. */
const STREAMS = 100;
const EVERY_MS = 10;

export function measureStreams(
  kinds: readonly ProxyKind[],
  { rounds, seconds, warmUpSeconds }: Rounds,
): Promise<StreamReadings> {
  const start = () => startStreamUpstream({ everyMs: EVERY_MS, chunks: 0 });
  return sideBySide(kinds, start, async (contenders, load, upstream) => {
    const readings = {
      cpu: new Readings(),
      primaryCpu: new Readings(),
      perSecond: new Readings(),
      perRead: new Readings(),
      lost: new Readings(),
      upstreamShare: new Readings(),
    };
    await inTurn(1, contenders, async ({ proxy }) => {
      await load.hold(target(proxy, streamRequestBody()), STREAMS);
      await pause(warmUpSeconds * 1000);
      await load.release();
    });
    await inTurn(rounds, contenders, async ({ kind, proxy }) => {
      await load.hold(target(proxy, streamRequestBody()), STREAMS);
      const {
        result,
        serving,
        primary,
        seconds: took,
        upstreamShare,
      } = await metered(proxy, upstream, async () => {
        await load.tally();
        await pause(seconds * 1000);
        return load.tally();
      });
      await load.release();
      readings.cpu.add(kind.name, serving / result.events);
      readings.primaryCpu.add(kind.name, primary / result.events);
      readings.perSecond.add(kind.name, result.events / took);
      readings.perRead.add(kind.name, result.events / result.reads);
      readings.lost.add(kind.name, result.lost);
      readings.upstreamShare.add(kind.name, upstreamShare);
    });
    return readings;
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
