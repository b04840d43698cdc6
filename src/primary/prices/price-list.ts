/**
 * The price list: the one door to genai-prices. It takes a tenth of a second and some megabytes to load, so that happens
 * when it is first needed, in the primary or in a command, never in a worker.
 *
 * A provider is found by its address, else by what its type says; an address that the list does not know, of a type that
 * many servers speak, has no prices there. Which model a name means is the list's own decision.
 */
import { readFileSync } from 'node:fs';
import type { ModelInfo, Provider } from '@pydantic/genai-prices';
import type { ProviderConfig } from '../../shared/config.ts';
import { asRecord, asString } from '../../shared/json.ts';
import type { PriceTable } from '../../shared/prices.ts';
import { scaled, tableOf } from './library-table.ts';

/** Where the list has a model. */
export interface ListedPrice {
  readonly providerId: string;
  readonly modelId: string;
  readonly table: PriceTable;
  /** What the list remarks on it; null for nothing. */
  readonly comment: string | null;
}

/** The list of genai-prices, loaded. */
export interface PriceList {
  /** Null where the list does not have the provider, or the model there. */
  find(provider: Pick<ProviderConfig, 'baseUrl' | 'pricedAs'>, model: string): ListedPrice | null;
  /** A model of this name at every provider of the list. */
  findAll(model: string): ListedPrice[];
}

/** Its version, as of the package. */
export function priceListVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@pydantic/genai-prices'));
  return asString(asRecord(JSON.parse(readFileSync(manifest, 'utf8')))?.version) ?? 'unknown';
}

/** Loads it, once. Rejects if the package is broken. */
export async function loadPriceList(): Promise<PriceList> {
  const { calcPrice, findProvider, waitForUpdate } = await import('@pydantic/genai-prices');
  const all = (await waitForUpdate()) ?? [];
  const findAt = (provider: Provider, model: string): ListedPrice | null => {
    for (const name of namesOf(model)) {
      // Without any usage, it says no more than which model is meant.
      const found = calcPrice({}, name, { providerId: provider.id });
      if (found !== null) return listed(found.provider, found.model);
    }
    return null;
  };
  return {
    find: ({ baseUrl, pricedAs }, model) => {
      const provider = findProvider({ providerApiUrl: baseUrl }) ?? all.find(({ id }) => id === pricedAs);
      const found = provider === undefined ? null : findAt(provider, model);
      if (found === null || !isDearer(found, baseUrl)) return found;
      return { ...found, table: scaled(found.table, 110) };
    },
    findAll: (model) => all.flatMap((provider) => findAt(provider, model) ?? []),
  };
}

function listed({ id }: Provider, model: ModelInfo): ListedPrice {
  return { providerId: id, modelId: model.id, table: tableOf(id, model), comment: model.price_comments ?? null };
}

/** Regions of Vertex, and several of one part of the world; anywhere else is the one for all. */
const PLACE =
  /^https:\/\/(?:[a-z]+-[a-z]+\d+-aiplatform\.googleapis\.com|aiplatform\.(?:us|eu)\.rep\.googleapis\.com)(?:[:/]|$)/;
/** Claude's models that came before Sonnet 4.5: they cost the same everywhere. */
const OLDER_CLAUDE = /^claude-(?:[23]|instant|(?:opus|sonnet)-4(?:-[01])?(?:[@-]\d{8})?$)/;

/**
 * Whether the list has the price of Vertex's global endpoint for a model that costs a tenth more in a place (Claude from
 * Sonnet 4.5 on). Source: platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai, "Global vs regional endpoints".
 */
function isDearer({ providerId, modelId }: ListedPrice, baseUrl: string): boolean {
  return providerId === 'google' && /^claude-/.test(modelId) && !OLDER_CLAUDE.test(modelId) && PLACE.test(baseUrl);
}

/** Paths that stand before a model's name at Google and Fireworks. */
const PATH = /^(?:(?:publishers|accounts)\/[^/]+\/)?models\/|^google\/(?=gemini)/;

/** The names under which the list may have it: the provider's own, and without its path. */
function namesOf(model: string): readonly string[] {
  const plain = model.replace(PATH, '');
  return plain === model ? [model] : [model, plain];
}
