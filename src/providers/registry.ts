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

/** The dialects that a provider is taken to speak at an address, best first, where the configuration does not say. */
export function dialectsAt({ dialects, ownDialects = {}, baseUrl: own }: Provider, baseUrl: string): readonly string[] {
  const isOwn = own !== null && URL.canParse(baseUrl) && isAt(own, baseUrl);
  return [...Object.keys(dialects), ...(isOwn ? Object.keys(ownDialects) : [])];
}

/** All that it can be configured to speak. */
export function dialectsOf({ dialects, ownDialects = {} }: Provider): readonly string[] {
  return [...Object.keys(dialects), ...Object.keys(ownDialects)];
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
