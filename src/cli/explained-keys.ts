/**
 * What `headgate explain` says of a provider's keys: in which order an attempt would take them, and why others are left out. A
 * session has an order of its own; other requests are spread by weight. Pure.
 */
import { keyRank } from '../shared/session-rank.ts';
import { clockWords } from './clock-words.ts';
import { cooldownWords } from './cooldown-reason.ts';
import type { StatusAnswer } from './status-answer.ts';

type Key = StatusAnswer['keys'][number];
type Cooldown = Key['cooldowns'][number];

/** The provider, and its name of the model as it is configured. */
interface Asked {
  readonly provider: string;
  readonly model: string;
}

/** Words about the keys for a target; none where there is no choice of keys. */
export function keyWords({ provider, model }: Asked, { keys }: StatusAnswer, session: string | null): string[] {
  const own = keys.filter((key) => key.provider === provider);
  if (own.length < 2) return [];
  const free = own.filter((key) => lastCooldown(key, model) === null);
  return [...takenWords(free, provider, session), ...leftOutWords(own, model)];
}

function takenWords(free: readonly Key[], provider: string, session: string | null): string[] {
  const [only, ...others] = free;
  if (only === undefined) return [];
  if (others.length === 0) return [`with the key ${only.name}`];
  if (session !== null) {
    const ranked = free.toSorted((one, other) => keyRank(session, provider, other) - keyRank(session, provider, one));
    return [`with the key ${ranked.map(({ name }) => name).join(', then ')}`];
  }
  const all = free.reduce((sum, { weight }) => sum + weight, 0);
  const heaviestFirst = free.toSorted((one, other) => other.weight - one.weight);
  const shares = heaviestFirst.map(({ name, weight }) => `${name} (${Math.round((weight / all) * 100)} %)`);
  return [`with one of the keys ${shares.join(', ')}`];
}

/** The one that may be asked again first comes first, whatever the order of the configuration. */
function leftOutWords(keys: readonly Key[], model: string): string[] {
  const cooling = keys.flatMap(({ name, ...key }) => {
    const last = lastCooldown(key, model);
    return last === null ? [] : [{ name, ...last }];
  });
  if (cooling.length === 0) return [];
  const told = cooling
    .toSorted((one, other) => Date.parse(one.until) - Date.parse(other.until))
    .map(({ name, reason, until }) => `${name} (${cooldownWords(reason)}; until ${clockWords(until)})`);
  return [`without ${told.join(', ')}`];
}

/** Of those that keep a key from a model, the one that ends last; null where none does. */
function lastCooldown({ cooldowns }: Pick<Key, 'cooldowns'>, model: string): Cooldown | null {
  const own = cooldowns.filter((each) => (each.model ?? model) === model);
  const [last] = own.toSorted((one, other) => Date.parse(other.until) - Date.parse(one.until));
  return last ?? null;
}
