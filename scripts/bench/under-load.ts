/** Proxies side by side before one upstream, and readings of one of them at a time, in turn. */
import { cpuMicroseconds } from './cpu-time.ts';
import { Load } from './load.ts';
import type { Target } from './load-protocol.ts';
import type { ProxyKind, RunningProxy } from './proxies.ts';
import type { Upstream } from './upstream.ts';

export interface Contender {
  readonly kind: ProxyKind;
  readonly proxy: RunningProxy;
}

/** What a stretch of load has used, CPU in µs. */
export interface Usage {
  readonly seconds: number;
  readonly serving: number;
  readonly primary: number;
  /** 1 is one core the whole time. */
  readonly upstreamShare: number;
}

/** Starts all of them, and ends them when `use` is over, however it ended. */
export async function sideBySide<T>(
  kinds: readonly ProxyKind[],
  startUpstream: () => Promise<Upstream>,
  use: (contenders: readonly Contender[], load: Load, upstream: Upstream) => Promise<T>,
): Promise<T> {
  const upstream = await startUpstream();
  const load = new Load();
  const contenders: Contender[] = [];
  try {
    for (const kind of kinds) contenders.push({ kind, proxy: await kind.start(upstream.port) });
    return await use(contenders, load, upstream);
  } finally {
    await load.end();
    await Promise.all(contenders.map(({ proxy }) => proxy.stop()));
    await upstream.stop();
  }
}

/** Rounds of A B C A B C …: whatever else the machine does meets all of them alike. */
export async function inTurn(
  rounds: number,
  contenders: readonly Contender[],
  read: (contender: Contender, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) await read(contender, round);
  }
}

/** Does `work` and tells what it cost whom. */
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

/** Requests to a proxy, with what it asks of their headers. */
export function target(
  { port, headers }: Pick<RunningProxy, 'port' | 'headers'>,
  ...bodies: readonly string[]
): Target {
  return { port, headers, bodies };
}
