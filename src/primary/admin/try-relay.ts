/**
 * Sends one request of the operator's to this gateway's own data port, and its answer back as it comes: bytes in, bytes
 * out. Nothing of either is parsed, logged or kept here, and the data port judges, counts and limits it like any other.
 *
 * No proxy is on the way, whatever the environment says: the connection is made here.
 */
import http from 'node:http';
import net from 'node:net';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import type { Response } from 'express';
import { isOfCertificate } from '../../shared/egress/connect-fault.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import type { TryTarget } from './admin-actions.ts';
import { refuse } from './refuse.ts';
import type { Envelope } from './try-envelope.ts';

/** Headers of the data port's answer that go back; beside them all that begin with `x-headgate-`. */
const returned: ReadonlySet<string> = new Set([
  ...['content-type', 'content-length', 'retry-after', 'x-request-id', 'x-should-retry'],
]);

/**
 * Relays it; resolves at the end of the answer, however it came. If the browser leaves, the data port is left at once, and
 * so is the provider. How long it may take is the data port's own rule.
 */
export async function relayTry(envelope: Envelope, target: TryTarget, response: Response): Promise<void> {
  if (response.destroyed) return;
  const answer = await ask(envelope, target, response).catch((error: unknown) => {
    const why = systemCode(error) ?? certificateCode(error) ?? 'it closed the connection';
    if (!response.destroyed) refuse(response, 502, `the data port does not answer: ${why}`);
    return null;
  });
  if (answer === null) return;
  response.status(answer.statusCode ?? 502);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && (returned.has(name) || name.startsWith('x-headgate-'))) response.setHeader(name, value);
  }
  // What a provider has written must not act as a page of this server.
  response.setHeader('content-security-policy', "default-src 'none'; sandbox");
  response.flushHeaders();
  // It rejects where one of the two ends has gone, and then both are closed: the browser sees the cut as it is.
  await pipeline(answer, response).catch(() => response.destroy());
}

function ask({ path, body, key }: Envelope, target: TryTarget, response: Response): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      createConnection: () => connectTo(target),
      method: 'POST',
      path,
      headers: {
        // Where nobody is asked for a key, the data port serves names of this machine alone.
        host: 'localhost',
        'content-type': 'application/json',
        'content-length': body.length,
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
    });
    request.once('response', resolve);
    request.on('error', reject);
    response.once('close', () => request.destroy());
    request.end(body);
  });
}

/** OpenSSL's word for a certificate that is not trusted, such as `CERT_HAS_EXPIRED`; null for another error. */
function certificateCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return isOfCertificate(code) ? code : null;
}

function connectTo({ host, port, tls: secured }: TryTarget): net.Socket {
  if (secured === null) return net.connect({ host, port });
  // It is called by an address that no certificate is for, and known by what it shows.
  const { cert } = secured;
  const trust = { ca: cert, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  return tls.connect({ host, port, ...trust, ALPNProtocols: ['http/1.1'] });
}
