/**
 * Preloaded into a gateway's processes (`node --import`): a request with the header `x-test-send` makes its worker send
 * that JSON to the primary. It simulates a worker whose memory or code is damaged.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  const text = request.headers['x-test-send'];
  if (typeof text === 'string') process.send?.(JSON.parse(text));
});
