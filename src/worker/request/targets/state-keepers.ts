/**
 * Which providers keep what their clients go on from, for which of their keys, and by which mark each is known in ids. All of it follows from the
 * configuration: it is the same in every worker, on every host and after every restart, and nothing is stored.
 */
import { createHash } from 'node:crypto';
import { speaks } from '../../../providers/registry.ts';
import type { Config, ProviderConfig, ProviderKey } from '../../../shared/config.ts';
import { DEFAULT_KEY } from '../../../shared/provider-keys.ts';
import { TAG_DIGITS } from '../../../wire/state-tag.ts';

/** One of a provider's keys, with what its account keeps. */
export interface Keeper {
  readonly provider: ProviderConfig;
  readonly key: ProviderKey;
  /** Its mark in ids. */
  readonly tag: string;
}

type ByDialect = Map<string, readonly Keeper[]>;

/** A configuration is the same object until the next reload. */
const keepersOf = new WeakMap<Config, ByDialect>();

/**
 * The keys of the providers of any model that speak this dialect themselves, each once, in the order of the
 * configuration.
 */
export function stateKeepers(config: Config, dialect: string): readonly Keeper[] {
  let known = keepersOf.get(config);
  if (known === undefined) {
    known = new Map();
    keepersOf.set(config, known);
  }
  let keepers = known.get(dialect);
  if (keepers === undefined) {
    const used = new Set(
      Object.values(config.models).flatMap(({ targets }) => targets.map(({ provider }) => provider)),
    );
    const speaking = Object.values(config.providers).filter(
      (provider) => used.has(provider.name) && speaks(provider, dialect, null),
    );
    keepers = speaking.flatMap((provider) =>
      provider.keys.map((key) => ({ provider, key, tag: stateTag(provider, key) })),
    );
    known.set(dialect, keepers);
  }
  return keepers;
}

/**
 * The mark of a provider's key. It is made of the provider's name, type and address and the key's name, and not of the key
 * itself: a new key of the same account finds what the former one has stored, and no id tells anything of a secret. The
 * one that has no name of its own adds nothing, so it finds what was stored before there were others.
 */
function stateTag({ name, type, baseUrl }: ProviderConfig, key: ProviderKey): string {
  const names = [name, type, baseUrl, ...(key.name === DEFAULT_KEY ? [] : [key.name])];
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, TAG_DIGITS);
}

/**
 * The one that a mark names. Without a mark it is the only one that there is, or that was there before others got names;
 * undefined if it might be any of them, or none.
 */
export function keeperByTag(keepers: readonly Keeper[], tag: string | null): Keeper | undefined {
  if (tag !== null) return keepers.find((keeper) => keeper.tag === tag);
  const [first] = keepers;
  if (keepers.length === 1) return first;
  const isOneProvider = keepers.every(({ provider }) => provider === first?.provider);
  return isOneProvider ? keepers.find(({ key }) => key.name === DEFAULT_KEY) : undefined;
}

/** The mark that an answer's ids get; null where they need none, since nobody else could have made them. */
export function tagForAnswer(
  config: Config,
  dialect: string,
  provider: ProviderConfig,
  { name }: ProviderKey,
): string | null {
  const keepers = stateKeepers(config, dialect);
  if (keepers.length === 1) return null;
  return keepers.find((keeper) => keeper.provider.name === provider.name && keeper.key.name === name)?.tag ?? null;
}
