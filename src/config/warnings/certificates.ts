/** Warns of certificates at the ports that clients will turn away from, and of keys that others of this host can read. */
import { statSync } from 'node:fs';
import type { Config } from '../../shared/config.ts';
import { EXPIRES_SOON_MS, readServerCertificate, type TlsFiles } from '../../shared/tls/server-certificate.ts';
import type { Concern } from './warning.ts';

/** Rights of everybody to read. */
const READABLE_BY_ALL = 0o004;

/** @param wallMs now, in unix time */
export function certificateWarnings({ server, admin }: Config, wallMs: number): Concern[] {
  return [...ofPort('server', server.tls, wallMs), ...ofPort('admin', admin.tls, wallMs)];
}

function ofPort(port: 'server' | 'admin', files: TlsFiles | undefined, wallMs: number): Concern[] {
  if (files === undefined) return [];
  const read = readServerCertificate(files);
  // It was sound a moment ago, or this would not be a valid configuration.
  if (read.kind === 'unfit') return [{ path: [port, 'tls', 'cert'], message: `${port}.tls ${read.message}` }];
  const leftMs = read.certificate.expiresAtMs - wallMs;
  const until = new Date(read.certificate.expiresAtMs).toISOString();
  const concerns: Concern[] = [];
  const certPath = [port, 'tls', 'cert'];
  if (leftMs <= 0) concerns.push({ path: certPath, message: `${port}.tls.cert has expired at ${until}: replace it` });
  else if (leftMs < EXPIRES_SOON_MS)
    concerns.push({ path: certPath, message: `${port}.tls.cert expires at ${until}: renew it` });
  if (isReadableByAll(files.key)) {
    const message = `${port}.tls.key is readable by every user of this host: take that right away (chmod o-r)`;
    concerns.push({ path: [port, 'tls', 'key'], message });
  }
  return concerns;
}

function isReadableByAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & READABLE_BY_ALL) !== 0;
}
