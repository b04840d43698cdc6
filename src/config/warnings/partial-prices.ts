/**
 * Warns of prices that leave every ordinary chat without one, since tokens that it has are not priced. Only of prices in
 * the configuration: the built-in list is not the operator's to mend. Pure.
 */
import { missingRates, pricedTiers } from '../../shared/prices.ts';
import { formatPath, type Path } from '../source/faults.ts';
import type { Concern, LoadedConfig } from './warning.ts';

/** One for each block of prices, however many targets it serves. */
export function partialPrices({ config, pricePathOf }: Pick<LoadedConfig, 'config' | 'pricePathOf'>): Concern[] {
  const found = new Map<string, Concern>();
  for (const { name, targets } of Object.values(config.models)) {
    for (const [index, { price }] of targets.entries()) {
      const path = pricePathOf(name, index);
      if (price === undefined || path === null) continue;
      const tiers = pricedTiers.flatMap((tier) => {
        const list = price.tiers?.[tier];
        return list === undefined ? [] : [[[...path, 'tiers', tier], list] as const];
      });
      const lists = [...price.periods.map((list) => [path, list] as const), ...tiers];
      for (const [at, { rates }] of lists) {
        const missing = missingRates(rates);
        if (missing.length > 0) found.set(formatPath(at), concernOf(at, missing));
      }
    }
  }
  return [...found.values()];
}

function concernOf(path: Path, missing: readonly string[]): Concern {
  const kinds = missing.join(' and no ');
  const cure = 'answers with such tokens stay without a known price. Write 0 where they cost nothing';
  return { path, message: `${formatPath(path)} has no ${kinds}: ${cure}` };
}
