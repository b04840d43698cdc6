/**
 * Warns of a price that says nothing of what every chat has: answers with such tokens have no known price. Pure.
 */
import { missingRates } from '../../shared/prices.ts';
import { formatPath } from '../source/faults.ts';
import type { Concern, LoadedConfig } from './warning.ts';

/** One concern for each price in the file. */
export function partialPrices({ config, pricePathOf }: Pick<LoadedConfig, 'config' | 'pricePathOf'>): Concern[] {
  const found = Object.values(config.models).flatMap(({ name, targets }) =>
    targets.flatMap(({ price }, index): Concern[] => {
      const path = pricePathOf(name, index);
      const missing = price === undefined ? [] : missingRates(price);
      if (path === null || missing.length === 0) return [];
      const kinds = missing.join(' and no ');
      const message = `${formatPath(path)} has no ${kinds}: answers with such tokens stay without a known price. Write 0 where they cost nothing`;
      return [{ path, message }];
    }),
  );
  // Targets share the price of their model.
  return [...new Map(found.map((concern) => [concern.message, concern])).values()];
}
