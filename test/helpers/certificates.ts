/** Certificates for tests with TLS, made by openssl when they are first asked for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that has signed all others but `foreign`. */
  readonly ca: Certificate;
  /** For `localhost` and 127.0.0.1. */
  readonly local: Certificate;
  /** For `other.example`. */
  readonly other: Certificate;
  /** For `localhost`, of the past. */
  readonly expired: Certificate;
  /** Of a client. */
  readonly client: Certificate;
  /** An authority that nobody knows. */
  readonly foreign: Certificate;
}

let made: Certificates | null = null;

/** The same ones for a whole run. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-certificates-'));
  const openssl = (...given: string[]) => execFileSync('openssl', given, { cwd: folder, stdio: 'pipe' });
  const read = (name: string): Certificate => ({
    cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
  });
  const authority = (name: string) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    openssl('req', '-x509', ...EC_KEY, ...files, '-subj', `/CN=${name}`, '-days', '30');
    return read(name);
  };
  const signed = (name: string, names: string, days: number) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    openssl('req', ...EC_KEY, ...files, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-days', String(days), '-out', `${name}.pem`);
    return read(name);
  };
  try {
    return {
      ca: authority('ca'),
      local: signed('local', 'DNS:localhost,IP:127.0.0.1', 30),
      other: signed('other', 'DNS:other.example', 30),
      expired: signed('expired', 'DNS:localhost,IP:127.0.0.1', -1),
      client: signed('client', 'DNS:client', 30),
      foreign: authority('foreign'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
