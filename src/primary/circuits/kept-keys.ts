/**
 * Which keys a provider still has in another configuration, whatever they are called there: a key is the account that it
 * is for, at the address where it is used. Pure.
 */
import type { ProviderConfig } from '../../shared/config.ts';

/** The accounts of a provider's keys, by their names. */
export function accountsOf({ keys }: Pick<ProviderConfig, 'keys'>): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map(({ name, account }) => [name, account]));
}

/**
 * The name of each kept key now, by its name before; empty for a provider that is reached in another way.
 *
 * @param before as `accountsOf` gives them
 */
export function keptKeys(
  before: Readonly<Record<string, string>>,
  { keys }: Pick<ProviderConfig, 'keys'>,
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [name, account] of Object.entries(before)) {
    // The same key twice has kept both names, if both are still there.
    const same = keys.filter((key) => key.account === account);
    const now = same.find((key) => key.name === name) ?? same[0];
    if (now !== undefined) kept.set(name, now.name);
  }
  return kept;
}
