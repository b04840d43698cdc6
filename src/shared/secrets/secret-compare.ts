/**
 * Compares a caller's value with a secret. Both are hashed first, so that the time of the comparison does not depend on
 * their content or length.
 */
import { hash, timingSafeEqual } from 'node:crypto';

/** The digest of a secret, for the comparison; 32 bytes. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Whether two digests of `secretDigest` are equal. The time does not depend on where they differ. */
export function sameDigest(given: Buffer, known: Buffer): boolean {
  return timingSafeEqual(given, known);
}

/** Whether `given` is the secret. */
export function sameSecret(given: string, secret: string): boolean {
  return sameDigest(secretDigest(given), secretDigest(secret));
}
