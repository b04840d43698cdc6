/**
 * How a worker and its primary know each other when the worker relays `/metrics`. Both know a secret, and neither sends
 * it: after the primary's death any process may listen on its port. The worker asks with a random number and a proof made
 * of it; the primary answers with another proof of the same number. An answer without it is believed in no part.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from './secret-compare.ts';

/** Request header of the worker: `<number>.<proof>`. */
export const RELAY_HEADER = 'x-headgate-relay';
/** Response header of the primary: its proof. */
export const RELAY_PROOF_HEADER = 'x-headgate-relay-proof';

/** What a worker sends, and what only its primary can answer. */
interface RelayQuestion {
  readonly header: string;
  /** Whether an answer's header comes from who knows the secret. */
  isAnsweredBy(header: unknown): boolean;
}

/** Makes a question that was never asked before. */
export function relayQuestion(secret: string): RelayQuestion {
  const number = randomBytes(16).toString('hex');
  const expected = proof(secret, 'primary', number);
  return {
    header: `${number}.${proof(secret, 'worker', number)}`,
    isAnsweredBy: (header) => typeof header === 'string' && sameSecret(header, expected),
  };
}

/** The answer to a question; null if who asked does not know the secret. */
export function relayAnswer(secret: string, header: unknown): string | null {
  if (typeof header !== 'string') return null;
  const [number = '', given = ''] = header.split('.', 2);
  return sameSecret(given, proof(secret, 'worker', number)) ? proof(secret, 'primary', number) : null;
}

function proof(secret: string, side: 'worker' | 'primary', number: string): string {
  return createHmac('sha256', secret).update(`${side} ${number}`).digest('hex');
}
