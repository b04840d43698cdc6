/**
 * Which providers keep what their clients go on from, and by which mark each is known in ids. All of it follows from the
 * configuration: it is the same in every worker, on every host and after every restart, and nothing is stored.
 */
import { createHash } from 'node:crypto';
import { speaks } from '../../../providers/registry.ts';
import type { Config, ProviderConfig } from '../../../shared/config.ts';
import { TAG_DIGITS } from '../../../wire/state-tag.ts';

type ByDialect = Map<string, readonly ProviderConfig[]>;

/** A configuration and a provider are the same objects until the next reload. */
const keepersOf = new WeakMap<Config, ByDialect>();
const tags = new WeakMap<ProviderConfig, string>();

/** The providers of any model that speak this dialect themselves, each once, in the order of the configuration. */
export function stateKeepers(config: Config, dialect: string): readonly ProviderConfig[] {
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
    keepers = Object.values(config.providers).filter(
      (provider) => used.has(provider.name) && speaks(provider, dialect, null),
    );
    known.set(dialect, keepers);
  }
  return keepers;
}

/**
 * The mark of a provider. It is made of its name, its type and its address, and not of its key: a new key of the same
 * account finds what the former one has stored, and no id tells anything of a secret.
 */
function stateTag(provider: ProviderConfig): string {
  let tag = tags.get(provider);
  if (tag === undefined) {
    const { name, type, baseUrl } = provider;
    tag = createHash('sha256')
      .update(JSON.stringify([name, type, baseUrl]))
      .digest('hex')
      .slice(0, TAG_DIGITS);
    tags.set(provider, tag);
  }
  return tag;
}

/** The one that a mark names. Without a mark it is the only one that there is; undefined if it might be any of them, or none. */
export function keeperByTag(keepers: readonly ProviderConfig[], tag: string | null): ProviderConfig | undefined {
  if (tag !== null) return keepers.find((keeper) => stateTag(keeper) === tag);
  return keepers.length === 1 ? keepers[0] : undefined;
}

/** The mark that an answer's ids get; null where they need none, since no other provider could have made them. */
export function tagForAnswer(config: Config, dialect: string, provider: ProviderConfig): string | null {
  return stateKeepers(config, dialect).length > 1 ? stateTag(provider) : null;
}
