/**
 * Compares what a caller gave with a secret. Both are hashed first, so that the comparison takes the same time whatever
 * the two are and however long.
 */
import { hash, timingSafeEqual } from 'node:crypto';

/** A secret in the form in which it is compared; 32 bytes. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Whether two digests of `secretDigest` are the same, in a time that tells nothing of where they differ. */
export function sameDigest(given: Buffer, known: Buffer): boolean {
  return timingSafeEqual(given, known);
}

/** Whether `given` is the secret. */
export function sameSecret(given: string, secret: string): boolean {
  return sameDigest(secretDigest(given), secretDigest(secret));
}
