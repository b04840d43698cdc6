/** What `headgate explain` says of a provider's keys: which one a session has, and which ones cool down. Pure. */
import { keyRank } from '../shared/session-rank.ts';
import { cooldownWords } from './cooldown-reason.ts';
import type { StatusAnswer } from './status-answer.ts';

/**
 * Words about the keys for a target, by the provider's name of the model as it is configured; none where there is no choice
 * of keys, or nothing to say of it.
 */
export function keyWords(
  { provider, model }: { readonly provider: string; readonly model: string },
  { keys }: StatusAnswer,
  session: string | null,
): string[] {
  const own = keys.filter((key) => key.provider === provider);
  if (own.length < 2) return [];
  const isFree = ({ cooldowns }: (typeof own)[number]) => cooldowns.every((each) => (each.model ?? model) !== model);
  const free = own.filter(isFree);
  const left = own
    .filter((key) => !isFree(key))
    .map(({ name, cooldowns }) => {
      const those = cooldowns.filter((each) => (each.model ?? model) === model);
      const last = those.reduce((one, other) => (Date.parse(other.until) > Date.parse(one.until) ? other : one));
      return { name, until: Date.parse(last.until), why: cooldownWords(last.reason) };
    })
    // The one that comes back first stands first.
    .toSorted((one, other) => one.until - other.until);
  const without = left.length === 0 ? [] : [`without ${left.map(({ name, why }) => `${name} (${why})`).join(', ')}`];
  if (session === null) return without;
  const [first] = free.toSorted((one, other) => keyRank(session, provider, other) - keyRank(session, provider, one));
  return first === undefined ? without : [`with the key ${first.name}`, ...without];
}
