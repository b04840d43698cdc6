/** Endless streams, one chunk per packet: CPU per chunk while they flow, one row after the other. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ProxyKind } from '../proxies/proxies.ts';
import { streamRequestBody } from '../upstream/payloads.ts';
import { startStreamUpstream } from '../upstream/upstream.ts';
import type { Rounds } from './measure-plain.ts';
import { Readings } from './readings.ts';
import { inTurn, metered, sideBySide, target } from './under-load.ts';

interface StreamReadings {
  /** CPU of the serving processes, µs per chunk. */
  readonly cpu: Readings;
  /** CPU of the primary, µs per chunk. */
  readonly primaryCpu: Readings;
  readonly perSecond: Readings;
  /** Events per read of the client: above 1 if chunks were merged on their way. */
  readonly perRead: Readings;
  readonly lost: Readings;
  readonly upstreamShare: Readings;
}

/** 100 streams with a chunk every 10 ms: 10,000 chunks per second, which every row can carry. */
const STREAMS = 100;
const EVERY_MS = 10;

/** Measures these kinds side by side. */
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
        await load.streamTally();
        await pause(seconds * 1000);
        return load.streamTally();
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
