/** Proxies side by side before one upstream. They are measured one at a time, in turn. */

import type { Load } from '../../load/driver.ts';
import type { Target } from '../../load/protocol.ts';
import { cpuMicroseconds } from '../../processes/cpu-time.ts';
import { Rig } from '../../rig/rig.ts';
import type { ProxyKind, RunningProxy } from '../proxies/proxies.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** A running row of the table. */
export interface Contender {
  readonly kind: ProxyKind;
  readonly proxy: RunningProxy;
}

/** What the processes have used during a period of load, CPU in µs. */
interface Usage {
  readonly seconds: number;
  readonly serving: number;
  readonly primary: number;
  /** CPU of the upstream as a share of one core. */
  readonly upstreamShare: number;
}

/** Starts an upstream, all proxies and a load process, and ends them after `use`, whether or not it failed. */
export function sideBySide<T>(
  kinds: readonly ProxyKind[],
  startUpstream: () => Promise<Upstream>,
  use: (contenders: readonly Contender[], load: Load, upstream: Upstream) => Promise<T>,
): Promise<T> {
  return Rig.with(async (rig) => {
    const upstream = rig.add(await startUpstream());
    const contenders: Contender[] = [];
    for (const kind of kinds) contenders.push({ kind, proxy: rig.add(await kind.start(upstream.port)) });
    return use(contenders, await rig.load(), upstream);
  });
}

/** Rounds of A B C A B C …, so that other work of the machine affects all of them equally. */
export async function inTurn(
  rounds: number,
  contenders: readonly Contender[],
  read: (contender: Contender, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) await read(contender, round);
  }
}

/** Runs `work` and returns its result with the CPU time that it has cost. */
export async function metered<T>(
  proxy: RunningProxy,
  upstream: Upstream,
  work: () => Promise<T>,
): Promise<Usage & { readonly result: T }> {
  const read = () => ({
    at: performance.now(),
    serving: cpuMicroseconds(proxy.serving),
    primary: proxy.primary === null ? 0 : cpuMicroseconds([proxy.primary]),
    upstream: cpuMicroseconds(upstream.pids),
  });
  const before = read();
  const result = await work();
  const after = read();
  const tookMs = after.at - before.at;
  return {
    result,
    seconds: tookMs / 1000,
    serving: after.serving - before.serving,
    primary: after.primary - before.primary,
    upstreamShare: (after.upstream - before.upstream) / (tookMs * 1000),
  };
}

/** Requests to a proxy, with the headers that it requires. */
export function target(
  { port, headers }: Pick<RunningProxy, 'port' | 'headers'>,
  ...bodies: readonly string[]
): Target {
  return { port, headers, bodies };
}
