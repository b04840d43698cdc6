/** The headers of every answer to a request. */
import type { ActiveRequest } from './active-request.ts';
import { serverTiming } from './server-timing.ts';

export const EVENT_STREAM_TYPE = 'text/event-stream; charset=utf-8';

/** Of a stream that arrives event by event: nginx, and what is built on it, else holds each back until its buffer is full. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': EVENT_STREAM_TYPE,
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** Names what a target did not get of a request. */
export const DROPPED_PARAMS = 'x-headgate-dropped-params';

/** Adds the headers that every answer to a request carries. */
export function addCommonHeaders(headers: Record<string, string>, request: ActiveRequest): void {
  headers['x-request-id'] = request.id;
  const { requestId } = request.dialect.headers;
  if (requestId !== null) headers[requestId] ??= request.id;
  headers['x-headgate-worker'] = request.plane.slot;
  const { provider, upstreamRequestId, droppedParams } = request.history;
  if (provider !== 'unknown') headers['x-headgate-provider'] = provider;
  if (upstreamRequestId !== null)
    headers['x-headgate-upstream-request-id'] = request.plane.redactor.redact(upstreamRequestId);
  const attempts = request.history.toString();
  if (attempts !== '') headers['x-headgate-attempts'] = attempts;
  const timing = serverTiming(request);
  if (timing !== null) headers['server-timing'] = timing;
  if (droppedParams.length > 0) headers[DROPPED_PARAMS] = droppedParams.join(', ');
}
