/**
 * How commands trust the ports of a gateway with TLS: by the certificate file that the configuration names, and what stands
 * above it there. They call on this host, mostly by an address that no certificate is for: so the file's own certificate
 * is known as such, and one before its renewal by its names. Any other must be for the name that is called.
 *
 * While a renewal has failed, the file holds another one than the gateway shows. That one stands in its state folder, for
 * commands of its own user.
 */
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import path from 'node:path';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import { readSmallFile } from '../shared/host/read-small-file.ts';
import { systemCode } from '../shared/host/system-code.ts';
import { shownPath } from '../shared/secrets/pasted-key.ts';
import { readOwnFile } from '../shared/state/own-file.ts';
import { ForeignStateError } from '../shared/state/own-folder.ts';
import { SHOWN_CERTIFICATE_FILE } from '../shared/state/state-files.ts';
import { certificatesIn, privateKeyIn } from '../shared/tls/pem.ts';
import { MAX_TLS_FILE_BYTES, type TlsFiles } from '../shared/tls/server-certificate.ts';
import { CommandError, exitCodes } from './failures.ts';

/** The certificate that the gateway of a state folder shows at its admin port; null if none can be read there. */
export function shownCertificate(folder: string | null): string | null {
  if (folder === null) return null;
  try {
    const text = readOwnFile(path.join(folder, SHOWN_CERTIFICATE_FILE), MAX_TLS_FILE_BYTES);
    return certificatesIn(text) === null ? null : text;
  } catch (error) {
    // There is none, or it is not this user's: what the configuration names decides.
    if (error instanceof ForeignStateError || systemCode(error) !== null) return null;
    throw error;
  }
}

/**
 * For got's `agent`; empty for a port without TLS. Throws `CommandError` if no certificate of it can be read.
 *
 * @param shown of `shownCertificate`
 */
export function agentFor(files: TlsFiles | undefined, shown: string | null = null): { readonly https?: Agent } {
  if (files === undefined) return {};
  const read = readSmallFile(files.cert, MAX_TLS_FILE_BYTES);
  const named = read.kind === 'text' && certificatesIn(read.text) !== null ? [read.text] : [];
  const known = [...named, ...(shown === null ? [] : [shown])].map((text) => {
    return { text, certificate: new X509Certificate(text) };
  });
  if (known.length === 0) {
    const got = read.kind === 'unfit' ? read.got : 'no certificate';
    throw new CommandError(
      `the gateway's certificate, by which it is known, cannot be read at ${shownPath(files.cert)}: got ${got}. Put one there: a gateway that runs shows the last one that it could read`,
      exitCodes.badConfig,
    );
  }
  const agent = new Agent({
    ca: [...known.map(({ text }) => text), ...rootCertificates],
    allowPartialTrustChain: true,
    checkServerIdentity: (host, peer) => {
      const isOurs = known.some(({ certificate: { fingerprint256, subjectAltName } }) => {
        const isNamedLikeIt = subjectAltName !== undefined && peer.subjectaltname === subjectAltName;
        return peer.fingerprint256 === fingerprint256 || isNamedLikeIt;
      });
      return isOurs ? undefined : checkServerIdentity(host, peer);
    },
    ...(files.clientCa === null ? {} : ownPair(known, files.key)),
  });
  return { https: agent };
}

interface KnownCertificate {
  readonly text: string;
  readonly certificate: X509Certificate;
}

/** Who has this key is the gateway: its admin port asks it for no other certificate. */
function ownPair(known: readonly KnownCertificate[], keyFile: string): { readonly cert: string; readonly key: string } {
  const read = readSmallFile(keyFile, MAX_TLS_FILE_BYTES);
  const key = read.kind === 'text' ? privateKeyIn(read.text) : null;
  const own = key === null ? undefined : known.find(({ certificate }) => certificate.checkPrivateKey(key));
  if (read.kind === 'text' && own !== undefined) return { cert: own.text, key: read.text };
  const got = read.kind === 'unfit' ? read.got : key === null ? 'no private key' : 'that of another certificate';
  throw new CommandError(
    `the gateway's key, which its admin port asks for, cannot be read at ${shownPath(keyFile)}: got ${got}`,
    exitCodes.badConfig,
  );
}
