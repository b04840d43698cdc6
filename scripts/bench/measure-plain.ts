/** Plain requests at saturation: CPU per request and requests a second, one round of each row after the other. */
import { requestBody } from './payloads.ts';
import type { ProxyKind, RunningProxy } from './proxies.ts';
import { Readings } from './readings.ts';
import { inTurn, metered, sideBySide, target } from './under-load.ts';
import { startPlainUpstream } from './upstream.ts';

export interface PlainReadings {
  /** CPU of the serving processes, µs per request. */
  readonly cpu: Readings;
  /** The same of the primary. */
  readonly primaryCpu: Readings;
  readonly perSecond: Readings;
  readonly failed: Readings;
  readonly upstreamShare: Readings;
  readonly upstreamName: string;
}

export interface Rounds {
  readonly rounds: number;
  /** Of load on one row in one round. */
  readonly seconds: number;
  /** Before that, at least: until then V8 is still compiling what is measured. */
  readonly warmUpSeconds: number;
}

export const longRounds: Rounds = { rounds: 5, seconds: 3, warmUpSeconds: 2 };
export const shortRounds: Rounds = { rounds: 3, seconds: 1, warmUpSeconds: 1 };

/** What a process needs to have answered before its pace is steady. */
const WARM_REQUESTS = 20_000;
const WARM_WITHIN_MS = 10_000;
const CONNECTIONS = 32;

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
      // Counted, not timed: on a busy machine a second warms up little.
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
