/** Plain requests at saturation: CPU per request and requests per second, one row after the other in each round. */

import type { ProxyKind, RunningProxy } from '../proxies/proxies.ts';
import { requestBody } from '../upstream/payloads.ts';
import { startPlainUpstream } from '../upstream/upstream.ts';
import { Readings } from './readings.ts';
import { inTurn, metered, sideBySide, target } from './under-load.ts';

interface PlainReadings {
  /** CPU of the serving processes, µs per request. */
  readonly cpu: Readings;
  /** CPU of the primary, µs per request. */
  readonly primaryCpu: Readings;
  readonly perSecond: Readings;
  readonly failed: Readings;
  readonly upstreamShare: Readings;
  readonly upstreamName: string;
}

/** How often and how long each row is measured. */
export interface Rounds {
  readonly rounds: number;
  /** Of load on one row in one round. */
  readonly seconds: number;
  /** At least, before the rounds: V8 still compiles the measured code. */
  readonly warmUpSeconds: number;
}

/** The rounds of a full run. */
export const longRounds: Rounds = { rounds: 5, seconds: 3, warmUpSeconds: 2 };
/** The rounds of a short run. */
export const shortRounds: Rounds = { rounds: 3, seconds: 1, warmUpSeconds: 1 };

/** A process must have answered so many requests before its speed is steady. */
const WARM_REQUESTS = 20_000;
const WARM_WITHIN_MS = 10_000;
const CONNECTIONS = 32;

/** Measures these kinds side by side. */
export function measurePlain(
  kinds: readonly ProxyKind[],
  { rounds, seconds, warmUpSeconds }: Rounds,
  bodies: readonly string[] = [requestBody()],
): Promise<PlainReadings> {
  return sideBySide(kinds, startPlainUpstream, async (contenders, load, upstream) => {
    const readings = {
      cpu: new Readings(),
      primaryCpu: new Readings(),
      perSecond: new Readings(),
      failed: new Readings(),
      upstreamShare: new Readings(),
      upstreamName: upstream.name,
    };
    const saturate = (proxy: RunningProxy, forSeconds: number) =>
      load.saturate({ target: target(proxy, ...bodies), connections: CONNECTIONS, seconds: forSeconds });
    await inTurn(1, contenders, async ({ proxy }) => {
      // Counted, not timed: on a busy machine one second of load is too little.
      const giveUpAt = performance.now() + WARM_WITHIN_MS;
      let requests = 0;
      while (requests < WARM_REQUESTS * proxy.serving.length && performance.now() < giveUpAt) {
        requests += (await saturate(proxy, warmUpSeconds)).requests;
      }
    });
    await inTurn(rounds, contenders, async ({ kind, proxy }) => {
      const { result, serving, primary, upstreamShare } = await metered(proxy, upstream, () =>
        saturate(proxy, seconds),
      );
      readings.cpu.add(kind.name, serving / result.requests);
      readings.primaryCpu.add(kind.name, primary / result.requests);
      readings.perSecond.add(kind.name, result.perSecond);
      readings.failed.add(kind.name, result.failed);
      readings.upstreamShare.add(kind.name, upstreamShare);
    });
    return readings;
  });
}
