/** Certificates and keys in PEM texts. Pure; what cannot be read is null, and nothing of a key is ever said. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** All of a text, in its order; null if it has none, or one of them cannot be read. */
export function certificatesIn(text: string): X509Certificate[] | null {
  const blocks = text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g);
  try {
    return blocks?.map((block) => new X509Certificate(block)) ?? null;
  } catch {
    // OpenSSL's error says nothing that helps to find the block.
    return null;
  }
}

/** The private key of a text; null if it has none, or one that needs a passphrase. */
export function privateKeyIn(text: string): KeyObject | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}
