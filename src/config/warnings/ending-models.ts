/**
 * What `check` warns of in a valid configuration: targets whose model ends, or has ended, as far as that is known
 * (`providers/models.ts`). Of a provider's own address only: elsewhere a model of that name is another one. Pure.
 */
import { endOf } from '../../providers/models.ts';
import type { Config } from '../../shared/config.ts';
import { isAtHome } from './at-home.ts';
import type { Concern } from './warning.ts';

/** One concern for each target, at the first model that has it. */
export function endingModels({ providers, models }: Config): Concern[] {
  const targets = Object.values(models).flatMap((model) =>
    model.targets.map((target) => ({ ...target, of: model.name })),
  );
  const known = targets.flatMap(({ provider: name, model, of }): (readonly [string, Concern])[] => {
    const provider = providers[name];
    const end = provider !== undefined && isAtHome(provider) ? endOf(provider.type, model) : null;
    if (end === null) return [];
    const message = `${name}/${model} ends on ${end.day}: see ${end.page}`;
    return [[message, { path: ['models', of], message }]];
  });
  // Of equal ones the last stays in a Map, so the first has to come last.
  return [...new Map(known.reverse()).values()].reverse();
}
