/** Certificates at the ports of a gateway: in memory, and as files that can be replaced as a renewal does it. */
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServerCertificate, TlsFiles } from '../../src/shared/tls/server-certificate.ts';
import { type Certificate, certificates } from './certificates.ts';

/** What a port shows. */
export function shown({ cert, key }: Certificate, clientCa: string | null = null): ServerCertificate {
  return { cert, key, clientCa, expiresAtMs: Date.UTC(2100, 0) };
}

/** Files of a certificate, behind links as in a secret of Kubernetes. */
export interface CertificateFiles {
  readonly folder: string;
  readonly files: TlsFiles;
  /** Replaces both at once: the link that leads to them is renamed. */
  renew(certificate: Certificate): void;
  remove(): void;
}

/** In a folder of their own; at first that of `local`. @param withClientCa whether clients need a certificate of `ca` */
export function certificateFiles(withClientCa = false): CertificateFiles {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-server-certificate-'));
  const at = (name: string) => path.join(folder, name);
  let version = 0;
  const renew = ({ cert, key }: Certificate) => {
    version += 1;
    const own = mkdtempSync(at(`v${version}-`));
    writeFileSync(path.join(own, 'tls.crt'), cert);
    writeFileSync(path.join(own, 'tls.key'), key, { mode: 0o600 });
    symlinkSync(own, at('next'));
    renameSync(at('next'), at('current'));
  };
  writeFileSync(at('ca.pem'), certificates().ca.cert);
  renew(certificates().local);
  const files = {
    cert: at('current/tls.crt'),
    key: at('current/tls.key'),
    clientCa: withClientCa ? at('ca.pem') : null,
  };
  return { folder, files, renew, remove: () => rmSync(folder, { recursive: true }) };
}
