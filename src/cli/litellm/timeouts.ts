/** LiteLLM's times as ours. */
import type { LitellmSource, Path } from './source.ts';

/** Our own limits of a stream's head and of its first content, which a longer time of LiteLLM's must not fall under. */
const STREAM_SECONDS = 300;

/**
 * Of `timeout` and `stream_timeout`, each at the first of its places; null where neither is set.
 *
 * A `timeout` of LiteLLM's is for each attempt, and ours for all of them.
 */
export function readTimeouts(source: LitellmSource, totals: readonly Path[], streams: readonly Path[]): object | null {
  const total = above0(source, totals);
  const stream = above0(source, streams);
  if (total !== undefined) {
    const at = totals.find((path) => source.look(...path) !== undefined) ?? [];
    source.note(at, 'is `timeouts.total`, which is for all attempts of a request together, not for each');
  }
  const first = stream ?? total;
  const timeouts = {
    ...(total === undefined ? {} : { total: duration(total) }),
    ...(first !== undefined && first > STREAM_SECONDS ? { headers: duration(first) } : {}),
    ...(stream !== undefined || (first ?? 0) > STREAM_SECONDS ? { first_content: duration(first ?? 0) } : {}),
  };
  return Object.keys(timeouts).length === 0 ? null : timeouts;
}

/** The first of these places decides. */
function above0(source: LitellmSource, paths: readonly Path[]): number | undefined {
  const seconds = source.takeFirst(...paths);
  if (seconds === undefined || seconds > 0) return seconds;
  source.leave(paths.find((path) => source.look(...path) !== undefined) ?? [], 'should be above 0');
  return undefined;
}

/** Seconds as a duration. */
export function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
