/**
 * A client that speaks TLS to a port that has none: told by its first bytes, which no HTTP begins with. What it sends is no
 * mistake of its own code, but of a URL, so the operator is told.
 */
import type http from 'node:http';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { OnceASecond } from '../once-a-second.ts';
import { speaksTls } from './listener.ts';

/** A record of a handshake, and the major version that it has in every version of TLS (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;
const MAJOR = 0x03;

/** Whether a parser's error is about the first bytes of TLS. */
function isTlsGreeting(cause: Error): boolean {
  const bytes = 'rawPacket' in cause ? cause.rawPacket : null;
  return bytes instanceof Uint8Array && bytes[0] === HANDSHAKE && bytes[1] === MAJOR;
}

/**
 * A listener for `clientError` that says so in the log, at most once a second; a port with TLS has none of it.
 *
 * @param port `server` or `admin`, as in the configuration
 */
export function tellsTlsGreetings(server: http.Server, port: 'server' | 'admin', clock: Clock, log: Pick<Log, 'warn'>) {
  const lines = new OnceASecond(clock);
  const name = port === 'server' ? 'data' : 'admin';
  const text = `a client speaks TLS to the ${name} port, which has none: its URL must begin with http://, or set ${port}.tls`;
  return (cause: Error): void => {
    if (speaksTls(server) || !isTlsGreeting(cause)) return;
    const withheld = lines.pass();
    if (withheld !== null) log.warn({ withheld }, text);
  };
}
