/**
 * A request that the operator tries from the status page. It takes the way of every client's, through the data port; this
 * one is only how a browser gets there, which may reach no more than the admin port.
 *
 * The gateway's own client key is lent to those alone who have shown the admin token.
 */
import type { Express, Request } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';
import { openEnvelope } from '../try-envelope.ts';
import { relayTry } from '../try-relay.ts';

const MOST_BYTES = 64 * 1024;
/** Of all callers together: it is for a person, no door for traffic. */
const MOST_AT_ONCE = 4;

/** Adds `/api/try`. @param hasToken whether callers have shown an admin token when they come here */
export function addTryRoutes(app: Express, actions: Pick<AdminActions, 'tryTarget'>, hasToken: boolean): void {
  let running = 0;

  app.post('/api/try', async (request, response) => {
    if (running === MOST_AT_ONCE) return refuse(response, 503, `${MOST_AT_ONCE} requests are being tried already`);
    running += 1;
    try {
      const body = await readBody(request);
      if (body.kind === 'gone') return;
      if (body.kind === 'large') {
        response.setHeader('connection', 'close');
        return refuse(response, 413, `a request to try has at most ${MOST_BYTES / 1024} KB`);
      }
      const envelope = openEnvelope(body.bytes);
      if (typeof envelope === 'string') return refuse(response, 400, envelope);
      const target = actions.tryTarget();
      if (target.tls?.needsClientCertificate === true) {
        return refuse(response, 409, 'the data port asks its clients for a certificate: try it with curl --cert');
      }
      if (envelope.key === null && target.key !== null && !hasToken) {
        return refuse(response, 401, 'the gateway asks its clients for a key, and none was given: set key');
      }
      await relayTry({ ...envelope, key: envelope.key ?? target.key }, target, response);
    } finally {
      running -= 1;
    }
  });
}

/** `gone`: the caller has left before the end. */
type Body = { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'large' } | { readonly kind: 'gone' };

/** Reads no further than it may be long; the connection stays, for the answer. */
async function readBody(request: Request): Promise<Body> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > MOST_BYTES) return { kind: 'large' };
    }
  } catch (error) {
    if (request.destroyed) return { kind: 'gone' };
    throw error;
  }
  return { kind: 'bytes', bytes: Buffer.concat(chunks) };
}
