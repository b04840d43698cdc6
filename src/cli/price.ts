/**
 * `headgate price MODEL`: what a model costs at each of its targets, and where that is said. A name that leads to no model
 * of the configuration is looked up at every provider of the price list. It asks no gateway.
 */

import type { Command } from 'commander';
import { loadWithSource } from '../config/load.ts';
import type { Place } from '../config/source/faults.ts';
import { type ListedPrice, loadPriceList, type PriceList, priceListVersion } from '../primary/prices/price-list.ts';
import type { Config, ModelConfig } from '../shared/config.ts';
import { findName, isPattern, upstreamName } from '../shared/model-names.ts';
import { type ConfigFlags, chooseSource, loadOptions, withConfig } from './config-options.ts';
import { CommandError } from './failures.ts';
import { type PricedPlace, priceLines, pricesOf } from './price-lines.ts';
import { sayJson, sayLines } from './say.ts';

/** Adds the command. */
export function registerPrice(program: Command): void {
  withConfig(program.command('price <model>'))
    .description('show what a model costs at each of its targets, or at every provider of the price list')
    .option('--json', 'print JSON')
    .action(async (asked: string, flags: ConfigFlags & { readonly json?: boolean }) => {
      const { config, pricePathOf, tree } = loadWithSource(loadOptions(chooseSource(flags), flags));
      const priceAt = (name: string, index: number) => {
        const path = pricePathOf(name, index);
        return path === null ? null : tree.places.ofValue(path);
      };
      const places = pricedPlaces(asked, config, priceAt, await loadPriceList());
      if (flags.json === true) {
        const entries = places.map(({ table, ...place }) => ({
          ...place,
          prices: table === null ? null : pricesOf(table),
        }));
        sayJson(entries);
      } else sayLines(places.flatMap((place, index) => [...(index === 0 ? [] : ['']), ...priceLines(place)]));
    });
}

/** One for each target; where the name leads to no model, one for each provider that has it. Throws `CommandError` if none does. */
function pricedPlaces(
  asked: string,
  config: Config,
  priceAt: (model: string, index: number) => Place | null,
  list: PriceList,
): PricedPlace[] {
  const found = isPattern(asked) ? { name: asked, matched: null } : findName(config, asked);
  const model = found !== null && Object.hasOwn(config.models, found.name) ? config.models[found.name] : undefined;
  if (model === undefined) return listedPlaces(asked, list);
  return model.targets.map((_target, index) =>
    targetPlace(config, model, index, found?.matched ?? null, priceAt(model.name, index), list),
  );
}

function targetPlace(
  { providers }: Config,
  { targets }: ModelConfig,
  index: number,
  matched: string | null,
  place: Place | null,
  list: PriceList,
): PricedPlace {
  const target = targets[index];
  const provider = target === undefined ? undefined : providers[target.provider];
  if (target === undefined || provider === undefined) throw new Error(`there is no target ${index}`);
  const model = upstreamName(target.model, matched);
  const named = { provider: target.provider, model };
  if (target.price !== undefined) {
    const source = place === null ? 'the configuration' : [place.file, place.line ?? []].flat().join(':');
    return { ...named, table: target.price, source, comment: null };
  }
  if (isPattern(model)) {
    return { ...named, table: null, source: 'whatever its name is: ask for a name that it matches', comment: null };
  }
  const listed = list.find(provider, model);
  if (listed !== null) return { ...named, ...fromList(listed) };
  const source = `nowhere: genai-prices ${priceListVersion()} does not have it at ${provider.baseUrl}`;
  return { ...named, table: null, source, comment: null };
}

function listedPlaces(asked: string, list: PriceList): PricedPlace[] {
  const all = list.findAll(asked);
  if (all.length > 0) return all.map((listed) => ({ provider: listed.providerId, model: asked, ...fromList(listed) }));
  throw new CommandError(
    `no model ${asked} is configured, and genai-prices ${priceListVersion()} has none of that name at any provider`,
  );
}

function fromList({ providerId, modelId, table, comment }: ListedPrice): Omit<PricedPlace, 'provider' | 'model'> {
  return { table, source: `genai-prices ${priceListVersion()}: ${providerId}, ${modelId}`, comment };
}
