/**
 * Where the time of an answer went, for a client that asks for it (`x-headgate-timing: 1`): in a header that browsers and
 * tools for HTTP show. A stream's says what is known when its head is sent.
 */
import type { ActiveRequest } from './active-request.ts';

/** Asks for it. */
const ASKED_BY = 'x-headgate-timing';

/**
 * `gateway;dur=0.8, queue;dur=0, upstream;dur=312.4, attempts;desc="openai=429(12ms), anthropic=200"`; null if it is not
 * asked for.
 */
export function serverTiming(request: ActiveRequest): string | null {
  if (request.incoming.headers[ASKED_BY] !== '1') return null;
  const { waiting, history } = request;
  const [upstreamMs, queueMs] = [waiting.soFarMs('provider'), waiting.soFarMs('turn')];
  const gatewayMs = Math.max(0, request.elapsedMs() - upstreamMs - queueMs);
  const attempts = history.toString();
  const parts = [
    `gateway;dur=${tenths(gatewayMs)}`,
    `queue;dur=${tenths(queueMs)}`,
    `upstream;dur=${tenths(upstreamMs)}`,
  ];
  // Names of providers and labels have neither quotes nor backslashes.
  return [...parts, ...(attempts === '' ? [] : [`attempts;desc="${attempts}"`])].join(', ');
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
