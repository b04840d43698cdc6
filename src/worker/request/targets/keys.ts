/**
 * Which of its provider's keys an attempt has. A session keeps to one, by weight, as it keeps to a target: what an account
 * keeps (a prompt's cache, signatures) is that key's. Other requests are spread by weight. What a request goes on from is
 * kept by one key alone.
 */
import type { ModelConfig, ProviderConfig, ProviderKey } from '../../../shared/config.ts';
import { keyRank } from '../../../shared/session-rank.ts';
import type { ActiveRequest } from '../active-request.ts';
import { sessionAt } from './order.ts';

/** The keys that may serve this request, whatever they have said so far: all, or the one that it is bound to. */
export function keysOf({ binding }: ActiveRequest, { name, keys }: ProviderConfig): readonly ProviderKey[] {
  if (keys.length === 1 || binding?.provider !== name) return keys;
  return keys.filter((key) => key.name === binding.key);
}

/** Those of them that have not asked to be tried no more for this request; none if the provider has asked so itself. */
export function keysLeft(request: ActiveRequest, provider: ProviderConfig): readonly ProviderKey[] {
  const keys = keysOf(request, provider);
  const { history } = request;
  if (!history.hasDeclines) return keys;
  return keys.filter(({ name }) => !history.hasDeclined(provider.name, name));
}

/** Whether this provider is not to be asked again for this request. */
export function hasDeclined(request: ActiveRequest, provider: ProviderConfig): boolean {
  return request.history.hasDeclines && keysLeft(request, provider).length === 0;
}

/**
 * The key for an attempt, of those that do not cool down for this model: that with the session's highest rank, else one by
 * weight and chance. Null if all of them cool down.
 */
export function chooseKey(
  request: ActiveRequest,
  model: ModelConfig,
  keys: readonly ProviderKey[],
  { provider, model: upstreamModel }: { readonly provider: string; readonly model: string },
): ProviderKey | null {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  const { gate, random } = request.plane;
  const session = sessionAt(request, model);
  const free = keys.filter(({ name }) => !gate.isCooling(provider, upstreamModel, name));
  // The greatest of these is each one with the share of its weight, as with ranks.
  return highest(free, (key) =>
    session === null ? -key.weight / Math.log(random()) : keyRank(session.key, provider, key),
  );
}

/** The key that a session keeps to at its target. */
export function ownKey(session: string, { name, keys }: Pick<ProviderConfig, 'name' | 'keys'>): ProviderKey | null {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  return highest(keys, (key) => keyRank(session, name, key));
}

/** The one with the highest rank; null if there is none. */
function highest(keys: readonly ProviderKey[], rankOf: (key: ProviderKey) => number): ProviderKey | null {
  let best: ProviderKey | null = null;
  let bestRank = Number.NEGATIVE_INFINITY;
  for (const key of keys) {
    const rank = rankOf(key);
    if (rank <= bestRank) continue;
    best = key;
    bestRank = rank;
  }
  return best;
}
