/**
 * The HTTP server behind a port, with TLS or without. With TLS it speaks HTTP/1.1 alone, from TLS 1.2 on, and what it shows
 * to clients can be replaced while it serves: connections that are open stay as they are, new ones get the new certificate.
 */
import { createHash, hkdfSync } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { ServerCertificate } from '../tls/server-certificate.ts';

/** What a port with TLS needs. */
export interface ListenerTls {
  readonly certificate: ServerCertificate;
  /** Whether a client without a certificate is turned away at once, where clients must have one; else the server's code does. */
  readonly demands: boolean;
  /** All processes that share the port have the same: a session that one of them began goes on at the others. */
  readonly ticketSecret: string;
  /** A client has spoken HTTP in plain text, and is closed. */
  readonly plainlyAsked: () => void;
}

/** The server, which does not listen yet. */
interface Listener {
  readonly server: http.Server;
  /** Shows another certificate to new connections. Throws for one that OpenSSL does not take. */
  renew(certificate: ServerCertificate): void;
}

/** A client that has not finished its handshake by then is closed: the limit of a request's head. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** @param tls null: HTTP in plain text */
export function createListener(options: http.ServerOptions, tls: ListenerTls | null): Listener {
  if (tls === null) return { server: http.createServer(options), renew: () => undefined };
  const { certificate, demands, ticketSecret, plainlyAsked } = tls;
  const server = https.createServer({
    ...options,
    ...secureContext(certificate, ticketSecret),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    requestCert: certificate.clientCa !== null,
    rejectUnauthorized: certificate.clientCa !== null && demands,
    ALPNProtocols: ['http/1.1'],
    // As Node's server in plain text has it: what is answered at once reaches a client that has closed its own direction.
    allowHalfOpen: true,
    noDelay: true,
  });
  server.on('tlsClientError', (error) => {
    if ('code' in error && error.code === 'ERR_SSL_HTTP_REQUEST') plainlyAsked();
  });
  return { server, renew: (next) => server.setSecureContext(secureContext(next, ticketSecret)) };
}

/** Whether the server of a port speaks TLS. */
export function speaksTls(server: http.Server): boolean {
  return server instanceof https.Server;
}

function secureContext(certificate: ServerCertificate, ticketSecret: string) {
  const { cert, key, clientCa } = certificate;
  return {
    cert,
    key,
    ...(clientCa === null ? {} : { ca: clientCa }),
    minVersion: 'TLSv1.2' as const,
    ticketKeys: ticketKeys(certificate, ticketSecret),
  };
}

const TICKET_KEY_BYTES = 48;

/** They change with what they stand for, so that no session outlives the authorities that its client was checked by. */
function ticketKeys({ cert, clientCa }: ServerCertificate, secret: string): Buffer {
  const salt = createHash('sha256')
    .update(`${cert}\n${clientCa ?? ''}`)
    .digest();
  return Buffer.from(hkdfSync('sha256', secret, salt, 'headgate tls tickets', TICKET_KEY_BYTES));
}
