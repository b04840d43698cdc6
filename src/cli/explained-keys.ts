/** What `headgate explain` says of a provider's keys: which one a session has, and which ones cool down. Pure. */
import { keyRank } from '../shared/session-rank.ts';
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
  const cooling = own.filter((key) => !isFree(key)).map(({ name }) => name);
  const without = cooling.length === 0 ? [] : [`without ${cooling.join(', ')}: cooling down`];
  if (session === null) return without;
  const [first] = free.toSorted((one, other) => keyRank(session, provider, other) - keyRank(session, provider, one));
  return first === undefined ? without : [`with the key ${first.name}`, ...without];
}
