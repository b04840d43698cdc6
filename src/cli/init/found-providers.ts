/** The providers that `headgate init` can write without a question: those whose variables are set. */
import { providersOfEnvironment } from '../../config/source/load-source.ts';
import { servedModels } from '../../providers/models.ts';
import { providers } from '../../providers/registry.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ChosenProvider } from './config-text.ts';

/** A provider with how it was found. */
export interface FoundProvider extends ChosenProvider {
  /** Completes a sentence: `OPENAI_API_KEY is set`. */
  readonly because: string;
}

/** Those whose variables are set, in the order of the registry. */
export function providersByVariables(): FoundProvider[] {
  return providersOfEnvironment().map(({ type, values, maxTokens }) => ({
    ...{ type, name: nameOf(type), maxTokens },
    settings: values.map(({ key, text }) => ({ key, value: text })),
    models: servedModels(type, systemClock.wallMs()),
    because: `${values.map(({ name }) => name).join(' and ')} ${values.length === 1 ? 'is' : 'are'} set`,
  }));
}

/** What people know a type of providers by. */
export function nameOf(type: string): string {
  return providers.find((provider) => provider.type === type)?.about.name ?? type;
}
