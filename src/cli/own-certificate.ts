/**
 * How commands trust the ports of a gateway with TLS: by the certificate file that the configuration names, and what stands
 * above it there. They call on this host, mostly by an address that no certificate is for: so the file's own certificate
 * is known as such, and one before its renewal by its names. Any other must be for the name that is called.
 */
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import { readSmallFile } from '../shared/host/read-small-file.ts';
import { shownPath } from '../shared/secrets/pasted-key.ts';
import { certificatesIn, privateKeyIn } from '../shared/tls/pem.ts';
import { MAX_TLS_FILE_BYTES, type TlsFiles } from '../shared/tls/server-certificate.ts';
import { CommandError, exitCodes } from './failures.ts';

/** For got's `agent`; empty for a port without TLS. Throws `CommandError` if its certificate cannot be read. */
export function agentFor(files: TlsFiles | undefined): { readonly https?: Agent } {
  if (files === undefined) return {};
  const read = readSmallFile(files.cert, MAX_TLS_FILE_BYTES);
  if (read.kind === 'unfit' || certificatesIn(read.text) === null) {
    const got = read.kind === 'unfit' ? read.got : 'no certificate';
    throw new CommandError(
      `the gateway's certificate, by which it is known, cannot be read at ${shownPath(files.cert)}: got ${got}. Put one there: a gateway that runs shows the last one that it could read`,
      exitCodes.badConfig,
    );
  }
  const own = new X509Certificate(read.text);
  const agent = new Agent({
    ca: [read.text, ...rootCertificates],
    allowPartialTrustChain: true,
    checkServerIdentity: (host, shown) => {
      const isOwn = shown.fingerprint256 === own.fingerprint256;
      const isNamedLikeIt = own.subjectAltName !== undefined && shown.subjectaltname === own.subjectAltName;
      return isOwn || isNamedLikeIt ? undefined : checkServerIdentity(host, shown);
    },
    ...(files.clientCa === null ? {} : ownPair(read.text, own, files.key)),
  });
  return { https: agent };
}

/** Who has this key is the gateway: its admin port asks it for no other certificate. */
function ownPair(cert: string, own: X509Certificate, keyFile: string): { readonly cert: string; readonly key: string } {
  const read = readSmallFile(keyFile, MAX_TLS_FILE_BYTES);
  const key = read.kind === 'text' ? privateKeyIn(read.text) : null;
  if (read.kind === 'text' && key !== null && own.checkPrivateKey(key)) return { cert, key: read.text };
  const got = read.kind === 'unfit' ? read.got : key === null ? 'no private key' : 'that of another certificate';
  throw new CommandError(
    `the gateway's key, which its admin port asks for, cannot be read at ${shownPath(keyFile)}: got ${got}`,
    exitCodes.badConfig,
  );
}
