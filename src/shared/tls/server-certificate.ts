/**
 * What a port with TLS shows to its clients: read from the files that a configuration names, and looked at as a whole. A
 * certificate whose key does not fit is never used, not even for the moment in which a renewal has replaced one of two files.
 */
import { createSecureContext } from 'node:tls';
import { readSmallFile } from '../host/read-small-file.ts';
import { certificatesIn, privateKeyIn } from './pem.ts';

/** Where it is: absolute paths. They may be links, as those of certbot and of secrets in Kubernetes are. */
export interface TlsFiles {
  /** The certificate, then those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** The authorities of clients, each of which must have a certificate; null: no client needs one. */
  readonly clientCa: string | null;
}

/** The content of these files, sound and fitting. */
export interface ServerCertificate {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
  /** When the first one of the chain begins to be no longer valid, in unix time. */
  readonly expiresAtMs: number;
}

/** Which file cannot be used and why, in the words of a fault: `should be X, got Y`. Nothing of a key is in them. */
interface UnfitFile {
  readonly kind: 'unfit';
  readonly file: keyof TlsFiles;
  readonly message: string;
}

type ReadCertificate = { readonly kind: 'sound'; readonly certificate: ServerCertificate } | UnfitFile;

/** Most bytes of one of the files. Chains take some KB, a system's bundle of authorities 220. */
export const MAX_TLS_FILE_BYTES = 2 ** 20;

/** What lasts for less is warned of, in ms. It should have been renewed long before: certbot does it 30 days before the end. */
export const EXPIRES_SOON_MS = 7 * 86_400_000;

/** Reads all files anew. */
export function readServerCertificate(files: TlsFiles): ReadCertificate {
  const cert = readText(files, 'cert');
  if (typeof cert !== 'string') return cert;
  const key = readText(files, 'key');
  if (typeof key !== 'string') return key;
  const clientCa = files.clientCa === null ? null : readText(files, 'clientCa');
  if (clientCa !== null && typeof clientCa !== 'string') return clientCa;
  return judge(files, { cert, key, clientCa });
}

type Texts = Pick<ServerCertificate, 'cert' | 'key' | 'clientCa'>;

function judge(files: TlsFiles, { cert, key, clientCa }: Texts): ReadCertificate {
  const chain = certificatesIn(cert);
  const secret = privateKeyIn(key);
  const [first] = chain ?? [];
  const swapped = chain === null ? whatIsSwapped(files, cert, key) : null;
  if (swapped !== null) return swapped;
  if (chain === null || first === undefined) {
    return unfit(
      'cert',
      'should be a file with a certificate in PEM form',
      `${files.cert} without one that can be read`,
    );
  }
  if (secret === null) {
    const expected = 'should be a file with a private key in PEM form, without a passphrase';
    const isCertificate = certificatesIn(key) !== null;
    const got = isCertificate ? 'which is a certificate without one' : 'without one that can be read';
    return unfit('key', expected, `${files.key}${isCertificate ? ',' : ''} ${got}`);
  }
  if (!first.checkPrivateKey(secret)) {
    return unfit('key', 'should be the key of the first certificate of cert', `${files.key}, which is that of another`);
  }
  if (clientCa !== null && certificatesIn(clientCa) === null) {
    const expected = 'should be a file with the certificates of authorities in PEM form';
    return unfit('clientCa', expected, `${files.clientCa ?? ''} without one that can be read`);
  }
  const refusal = whyRefused({ cert, key, clientCa });
  if (refusal !== null) return unfit('cert', 'should be a certificate that OpenSSL takes', `${files.cert}: ${refusal}`);
  const expiresAtMs = Math.min(...chain.map(({ validToDate }) => validToDate.getTime()));
  return { kind: 'sound', certificate: { cert, key, clientCa, expiresAtMs } };
}

/** What stands in the file of the other. Null where the file of the certificate has no key. */
function whatIsSwapped(files: TlsFiles, cert: string, key: string): UnfitFile | null {
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(cert)) return null;
  const isKeyACertificate = certificatesIn(key) !== null;
  const got = `${files.cert}, which is a private key${isKeyACertificate ? ': cert and key are swapped' : ''}`;
  return unfit('cert', 'should be a file with a certificate in PEM form', got);
}

/** Such as a key that is too short for today's rules. */
function whyRefused({ cert, key, clientCa }: Texts): string | null {
  try {
    createSecureContext({ cert, key, ...(clientCa === null ? {} : { ca: clientCa }) });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readText(files: TlsFiles, file: keyof TlsFiles): string | UnfitFile {
  const path = files[file] ?? '';
  const read = readSmallFile(path, MAX_TLS_FILE_BYTES);
  if (read.kind === 'text') return read.text;
  return unfit(file, 'should be a file that can be read', read.got);
}

function unfit(file: keyof TlsFiles, expected: string, got: string): UnfitFile {
  return { kind: 'unfit', file, message: `${expected}, got ${got}` };
}
