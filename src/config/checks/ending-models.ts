/**
 * What `check` warns of in a valid configuration: targets whose model ends, or has ended, as far as that is known
 * (`providers/models.ts`). Of a provider's own address only: elsewhere a model of that name is another one. Pure.
 */
import { endOf } from '../../providers/models.ts';
import { addressOf, providerOf } from '../../providers/registry.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';

/** The warnings, each one sentence that names the target. */
export function endingModels({ providers, models }: Config): string[] {
  const targets = Object.values(models).flatMap((model) => model.targets);
  const known = targets.flatMap(({ provider: name, model }) => {
    const provider = providers[name];
    const end = provider !== undefined && isAtHome(provider) ? endOf(provider.type, model) : null;
    return end === null ? [] : [`${name}/${model} ends on ${end.day}: see ${end.page}`];
  });
  return [...new Set(known)];
}

function isAtHome({ type, baseUrl, settings }: ProviderConfig): boolean {
  const own = addressOf(providerOf(type), settings);
  return own !== null && new URL(own).hostname === new URL(baseUrl).hostname;
}
