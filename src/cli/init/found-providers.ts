/**
 * The providers that `headgate init` can write without a question: those whose variables are set, and servers on this host
 * that answer at their usual address.
 */
import { loadConfig } from '../../config/load.ts';
import { setProviders } from '../../config/source/load-source.ts';
import { servedModels } from '../../providers/models.ts';
import { addressOf, providers } from '../../providers/registry.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ProviderConfig } from '../../shared/config.ts';
import { CommandError } from '../failures.ts';
import type { ChosenProvider } from './config-text.ts';

/** A provider with how it was found. */
export interface FoundProvider extends ChosenProvider {
  /** Completes a sentence: `OPENAI_API_KEY is set`. */
  readonly because: string;
}

/** Those whose variables are set, in the order of the registry. */
export function providersByVariables(): FoundProvider[] {
  return setProviders().map(({ type, values, maxTokens }) => ({
    ...{ type, name: nameOf(type), maxTokens },
    settings: values.map(({ key, text }) => ({ key, value: text })),
    models: servedModels(type, systemClock.wallMs()),
    because: `${values.map(({ name }) => name).join(' and ')} ${values.length === 1 ? 'is' : 'are'} set`,
  }));
}

/** Servers on this host that list their models now. Asks each of them once, all at the same time. */
export async function localServers(): Promise<FoundProvider[]> {
  const { listModels } = await import('../model-list.ts');
  const asked = providers
    .filter((provider) => !provider.needsKey && (addressOf(provider, {}) ?? '').startsWith('http://127.0.0.1'))
    .map(async ({ type }): Promise<FoundProvider[]> => {
      try {
        const models = (await listModels(atUsualAddress(type))).map(({ id }) => id);
        return [
          { type, name: nameOf(type), maxTokens: null, settings: [], models, because: 'it answers on this host' },
        ];
      } catch (error) {
        // Nobody there, or another program: not a server to write down.
        if (error instanceof CommandError) return [];
        throw error;
      }
    });
  return (await Promise.all(asked)).flat();
}

function nameOf(type: string): string {
  return providers.find((provider) => provider.type === type)?.about.name ?? type;
}

/** A provider that is nothing but its type. */
function atUsualAddress(type: string): ProviderConfig {
  const block = { type, timeouts: { connect: '1s', total: '3s' } };
  const input = { providers: { [type]: block }, models: { any: { targets: [{ provider: type, model: 'any' }] } } };
  // Such a gateway is not started: whichever port it has, a server here may have the same.
  const overrides = [{ flag: 'headgate init', path: ['server', 'port'], value: 0 }];
  const config = loadConfig({ source: { kind: 'object', name: 'headgate init', input }, overrides });
  const provider = config.providers[type];
  if (provider === undefined) throw new CommandError(`there is no provider of type ${type}`);
  return provider;
}
