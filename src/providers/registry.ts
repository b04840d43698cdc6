/** All providers by type. A new provider's file is registered only here. */
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import type { Provider } from './types.ts';

/** In the order in which the documentation names them. */
export const providers: readonly Provider[] = [openai, anthropic];

const byType: ReadonlyMap<string, Provider> = new Map(providers.map((provider) => [provider.type, provider]));

/** The path of a request below the base URL. Throws an `Error` for a dialect that the provider does not speak. */
export function pathAt(
  { type, dialects, ownDialects }: Provider,
  dialect: string,
  model: string,
  stream: boolean,
): string {
  const path = dialects[dialect] ?? ownDialects?.[dialect];
  if (path === undefined) throw new Error(`a provider of type ${type} does not speak ${dialect}`);
  return typeof path === 'string' ? path : path(model, stream);
}

/** Whether a dialect is spoken at this address of the provider. */
export function speaks({ dialects, ownDialects, baseUrl: own }: Provider, dialect: string, baseUrl: string): boolean {
  if (Object.hasOwn(dialects, dialect)) return true;
  return ownDialects !== undefined && Object.hasOwn(ownDialects, dialect) && own !== null && isAt(own, baseUrl);
}

function isAt(own: string, baseUrl: string): boolean {
  const [{ hostname: owner }, { hostname }] = [new URL(own), new URL(baseUrl)];
  return hostname === owner || hostname.endsWith(`.${owner}`);
}

/** The provider of a configured type. Throws an `Error` for one that there is not, which no configuration has. */
export function providerOf(type: string): Provider {
  const provider = byType.get(type);
  if (provider === undefined) throw new Error(`there is no provider of type ${type}`);
  return provider;
}
