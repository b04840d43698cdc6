/**
 * The client's own deadline, which official SDKs send with each request, and what a request may take because of it.
 * An answer that says why nothing came is worth more than a connection that the client has given up. So the gateway
 * answers a little before. To both SDKs the deadline is for the head of the answer: an opened stream is past it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { TargetConfig } from '../../shared/config.ts';
import type { ReplyStage } from './reply-stage.ts';

/** Seconds until the head of the answer, of the whole request or, in Python, between two reads. */
const names = ['x-stainless-timeout', 'x-stainless-read-timeout'] as const;

const seconds = /^\d{1,9}(?:\.\d{1,9})?$/;

/** So much of its time is left to the client to read an error: a tenth, at most half a second. */
const MARGIN_SHARE = 0.1;
const LONGEST_MARGIN_MS = 500;

/** What is known of a request whose client may wait. */
interface WaitingRequest {
  readonly clientTimeoutMs: number | null;
  readonly reply: Pick<ReplyStage, 'kind'>;
}

type TimedTarget = Pick<TargetConfig, 'timeouts'>;

/** How long the client waits for the head of its answer, in ms; null if it does not say, or says nothing that can be. */
export function clientTimeoutMs(headers: IncomingHttpHeaders): number | null {
  let shortest: number | null = null;
  for (const name of names) {
    const value = headers[name];
    if (typeof value !== 'string' || !seconds.test(value)) continue;
    // 0 is what is left of a part of a second, since SDKs send whole ones.
    const milliseconds = Number(value) * 1000;
    if (milliseconds > 0 && (shortest === null || milliseconds < shortest)) shortest = milliseconds;
  }
  return shortest;
}

/** Whether a client says that it has sent the same request before. */
export function isClientRetry(headers: IncomingHttpHeaders): boolean {
  const count = headers['x-stainless-retry-count'];
  return typeof count === 'string' && /^[1-9]\d{0,3}$/.test(count);
}

/** How long the request may take with this target, in ms since its arrival. */
export function timeLimitMs({ clientTimeoutMs: theirsMs, reply }: WaitingRequest, { timeouts }: TimedTarget): number {
  const { totalMs } = timeouts;
  if (theirsMs === null || reply.kind !== 'unsent') return totalMs;
  return Math.min(totalMs, theirsMs - Math.min(theirsMs * MARGIN_SHARE, LONGEST_MARGIN_MS));
}

/** Whether its client, which still waits for the head of the answer, gives up before the gateway would. */
export function isHurriedByClient(
  { clientTimeoutMs: theirsMs, reply }: WaitingRequest,
  { timeouts }: TimedTarget,
): boolean {
  return theirsMs !== null && reply.kind === 'unsent' && theirsMs < timeouts.totalMs;
}
