/** All providers by type. A new provider's file is registered only here. */
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import type { Provider } from './types.ts';

/** In the order in which the documentation names them. */
export const providers: readonly Provider[] = [openai, anthropic];

const byType: ReadonlyMap<string, Provider> = new Map(providers.map((provider) => [provider.type, provider]));

/** The path of a request below the base URL. Throws an `Error` for a dialect that the provider does not speak. */
export function pathAt({ type, dialects }: Provider, dialect: string, model: string, stream: boolean): string {
  const path = dialects[dialect];
  if (path === undefined) throw new Error(`a provider of type ${type} does not speak ${dialect}`);
  return typeof path === 'string' ? path : path(model, stream);
}

/** The provider of a configured type. Throws an `Error` for one that there is not, which no configuration has. */
export function providerOf(type: string): Provider {
  const provider = byType.get(type);
  if (provider === undefined) throw new Error(`there is no provider of type ${type}`);
  return provider;
}
