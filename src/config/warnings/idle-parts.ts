/**
 * Warns of what no request can ever reach: providers that nothing uses, models that nothing can serve, and an identity
 * beside a key. Pure.
 */
import { dialectsOf, providerOf, speaks } from '../../providers/registry.ts';
import { settingsWithoutEffect } from '../../providers/wanted-credentials.ts';
import type { Config, ModelConfig, ProviderConfig } from '../../shared/config.ts';
import type { Concern } from './warning.ts';

/** One concern for each of them. */
export function idleParts(config: Config): Concern[] {
  return [
    ...unusedProviders(config),
    ...Object.values(config.providers).flatMap(unusedIdentity),
    ...Object.values(config.models).flatMap((model) => unservable(model, config)),
  ];
}

function unusedIdentity(provider: ProviderConfig): Concern[] {
  return settingsWithoutEffect(provider).map((key) => {
    const path = ['providers', provider.name, key];
    const message = `${path.join('.')} has no effect beside an API key, which takes its place: leave one of them out`;
    return { path, message };
  });
}

function unusedProviders({ providers, models, passthrough }: Config): Concern[] {
  const used = new Set<string | null>([
    ...Object.values(models).flatMap(({ targets }) => targets.map(({ provider }) => provider)),
    ...Object.values(passthrough),
  ]);
  return Object.keys(providers).flatMap((name) => {
    if (used.has(name)) return [];
    const message = `providers.${name} is used by no model: add a target that names it, or leave it out`;
    return [{ path: ['providers', name], message }];
  });
}

/** A target is of no use where its provider speaks of that model in none of its dialects. */
function unservable({ name, targets }: ModelConfig, { providers }: Config): Concern[] {
  const mute = targets.filter((target) => {
    const provider = providers[target.provider];
    if (provider === undefined) return false;
    const spoken = dialectsOf(providerOf(provider.type)).filter((dialect) => speaks(provider, dialect, target.model));
    return spoken.length === 0;
  });
  const path = ['models', name];
  return mute.map((target) => {
    const whole = mute.length === targets.length ? ', so nothing can serve the model' : '';
    const where = `${target.provider} has no API for ${target.model}`;
    return { path, message: `models.${name} has a target without effect: ${where}${whole}` };
  });
}
