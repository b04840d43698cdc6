/**
 * `headgate models`: the models of a provider, as it lists them itself; without a name, the types of providers with their
 * variables.
 */

import type { Command } from 'commander';
import { type LoadableSource, loadConfig } from '../config/load.ts';
import { environmentProviders } from '../config/source/environment-config.ts';
import { environmentSource } from '../config/source/load-source.ts';
import type { LoadedConfig } from '../config/warnings/warning.ts';
import { endOf } from '../providers/models.ts';
import { addressOf, providers } from '../providers/registry.ts';
import type { ProviderConfig } from '../shared/config.ts';
import { isPattern, matchOf } from '../shared/model-names.ts';
import { type ConfigFlags, chooseSource, loadOptions, withConfig } from './config-options.ts';
import { CommandError } from './failures.ts';
import type { ListedModel } from './model-list.ts';
import { sayJson, sayLines } from './say.ts';
import { table } from './table.ts';

type Config = LoadedConfig['config'];

/** A provider to be asked, and the configuration that it is in. */
interface Asked {
  readonly provider: ProviderConfig;
  readonly config: Config;
}

/** Adds the command. */
export function registerModels(program: Command): void {
  withConfig(program.command('models'))
    .description("list a provider's models, as it lists them itself; without a name, the types of providers")
    .argument('[provider]', 'a configured provider, or a type whose variables are set')
    .option('--json', 'print JSON')
    .action(models);
}

async function models(name: string | undefined, flags: ConfigFlags & { readonly json?: boolean }): Promise<void> {
  if (name === undefined) return flags.json === true ? sayJson(typesForPrograms()) : sayLines(typeLines());
  const { provider, config } = find(name, flags);
  // Imported here, since only this needs an HTTP client.
  const { listModels } = await import('./model-list.ts');
  const listed = (await listModels(provider)).map((model) => described(model, provider, config));
  if (flags.json === true) return sayJson(listed);
  const rows = listed.map(({ id, context_tokens: context, configured, ends }) => {
    return [id, context === null ? '' : String(context), configured.join(', '), ends ?? ''];
  });
  return sayLines(
    rows.length === 0 ? [`${name} lists no models`] : table(['MODEL', 'CONTEXT', 'CONFIGURED AS', 'ENDS'], rows),
  );
}

/** By its name in the configuration, else by its type in the environment, else at its own address, if it needs no key. */
function find(name: string, flags: ConfigFlags): Asked {
  const source = chooseSource(flags);
  const config = loadConfig(loadOptions(source, flags));
  const found = config.providers[name] ?? null;
  if (found !== null) return { provider: found, config };
  const type = providers.find((each) => each.type === name);
  const others = [environmentSource(), type === undefined || type.needsKey ? null : alone(name)];
  for (const other of others) {
    const provider = other === null ? undefined : loadConfig({ source: other, overrides: freePort }).providers[name];
    if (provider !== undefined) return { provider, config };
  }
  throw new CommandError(
    `${name} is no configured provider (${Object.keys(config.providers).join(', ')})${hint(name)}`,
  );
}

/** Such a gateway is not started: whichever port it has, a provider may have the same. */
const freePort = [{ flag: 'headgate models', path: ['server', 'port'], value: 0 }] as const;

/** A configuration of nothing but a type. */
function alone(type: string): LoadableSource | null {
  const known = providers.find((each) => each.type === type);
  if (known === undefined || addressOf(known, {}) === null) return null;
  const input = { providers: { [type]: { type } }, models: { any: { targets: [{ provider: type, model: 'any' }] } } };
  return { kind: 'object', name: 'headgate models', input };
}

function hint(name: string): string {
  const offer = environmentProviders.find(({ type }) => type === name);
  const needed = offer?.variables.flatMap(({ name: variable, optional }) => (optional ? [] : [variable])) ?? [];
  return needed.length === 0 ? '' : `, and ${needed.join(' and ')} must be set to ask ${name} without one`;
}

/** A line of the list, in the names of its JSON. */
function described({ id, contextTokens }: ListedModel, provider: ProviderConfig, config: Config) {
  const isTarget = (target: { readonly provider: string; readonly model: string }) =>
    target.provider === provider.name && isAlike(target.model, id);
  const configured = Object.values(config.models).flatMap(({ name, targets }) =>
    targets.some(isTarget) ? [name] : [],
  );
  return { id, context_tokens: contextTokens, configured, ends: endOf(provider.type, id)?.day ?? null };
}

/** Whether a target's model is this one, or stands for it by its star. */
function isAlike(model: string, id: string): boolean {
  return isPattern(model) ? matchOf(model, id) !== null : model === id;
}

function typeLines(): string[] {
  const rows = environmentProviders.map(({ type, variables }) => {
    const address = addressOf(providers.find((each) => each.type === type) ?? { baseUrl: null }, {});
    const names = variables.map(({ name, optional }) => (optional ? `[${name}]` : name));
    return [type, names.join(' '), address ?? ''];
  });
  return table(['TYPE', 'VARIABLES', 'ADDRESS'], rows);
}

/** The same, in the names of its JSON. */
function typesForPrograms() {
  return environmentProviders.map(({ type, variables }) => {
    return { type, variables: variables.map(({ name, optional = false }) => ({ name, optional })) };
  });
}
