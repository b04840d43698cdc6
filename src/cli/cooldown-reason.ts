/** Why a target cools down, in words. Pure. */
import type { CooldownReason } from '../shared/events.ts';

const words = {
  rate_limited: '429, a rate limit',
  quota: 'its quota is exhausted',
  auth: 'its key was refused (401 or 403)',
  model: 'the provider does not serve this model (404)',
} as const satisfies Record<CooldownReason, string>;

/** The reason in words; an unknown one, of a later version, as it is, and an empty text if none is given. */
export function cooldownWords(reason: string | undefined): string {
  return reason === undefined ? '' : (new Map<string, string>(Object.entries(words)).get(reason) ?? reason);
}
