/**
 * Preloaded into a gateway's processes (`node --import`): a request with the header `x-test-throw` makes its worker
 * throw an uncaught error shortly after the request has arrived. It simulates a fault in our own code.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  if (request.headers['x-test-throw'] === undefined) return;
  setImmediate(() => {
    throw new Error('a fault on demand');
  });
});
