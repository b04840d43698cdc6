/** All providers by type. A new provider's file is registered only here. */
import type { ProviderConfig } from '../shared/config.ts';
import type { Framing } from '../wire/framing.ts';
import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { credentialsOf } from './credentials/registry.ts';
import type { Credentials } from './credentials/types.ts';
import { openai } from './openai.ts';
import type { GivenCredentials, PathParts, Provider, Settings } from './types.ts';

/** In the order in which the documentation names them. */
export const providers: readonly Provider[] = [openai, anthropic, bedrock];

const byType: ReadonlyMap<string, Provider> = new Map(providers.map((provider) => [provider.type, provider]));

/** The path of a request below the base URL. Throws an `Error` for a dialect that the provider does not speak. */
export function pathAt(provider: Provider, dialect: string, parts: PathParts): string {
  const { type, dialects, ownDialects, stores } = provider;
  const path = dialects[dialect] ?? ownDialects?.[dialect] ?? stores?.[dialect] ?? partOf(provider, dialect)?.path;
  if (path === undefined) throw new Error(`a provider of type ${type} does not speak ${dialect}`);
  return typeof path === 'string' ? path : path(parts);
}

/**
 * Whether a configured provider speaks a dialect: one of its own, what comes with one of those, or what it stores.
 *
 * @param model its name at the provider; null: whether it does with any
 */
export function speaks(
  { type, dialects }: Pick<ProviderConfig, 'type' | 'dialects'>,
  dialect: string,
  model: string | null,
): boolean {
  const provider = providerOf(type);
  const isSpoken = (whole: string) =>
    dialects.includes(whole) && (model === null || (provider.isSpokenBy?.(whole, model) ?? true));
  if (dialects.includes(dialect)) return isSpoken(dialect);
  const part = partOf(provider, dialect);
  return part === null ? stores(provider, dialect) : isSpoken(part.whole);
}

/** The address of a provider where the configuration has none; null: these settings do not say it. */
export function addressOf({ baseUrl }: Provider, settings: Settings): string | null {
  return typeof baseUrl === 'function' ? baseUrl(settings) : baseUrl;
}

/** How the streams of a dialect are framed. */
export function framingOf({ framing, framings = {} }: Provider, dialect: string): Framing {
  return framings[dialect] ?? framing;
}

/** The credentials of requests in a dialect. */
export function credentialsFor({ credentials }: Provider, given: GivenCredentials, dialect: string): Credentials {
  return credentialsOf(typeof credentials === 'function' ? credentials(given, dialect) : credentials);
}

/** Whether what a provider stores is spoken of in this dialect. */
export function stores({ stores: stored = {} }: Provider, dialect: string): boolean {
  return Object.hasOwn(stored, dialect);
}

/** The dialect with which this one comes, and its path; null if it comes with none. */
function partOf({ parts }: Provider, dialect: string) {
  for (const whole in parts) {
    const path = parts[whole]?.[dialect];
    if (path !== undefined) return { whole, path };
  }
  return null;
}

/** The dialects that a provider is taken to speak at an address, best first, where the configuration does not say. */
export function dialectsAt({ dialects, ownDialects = {}, baseUrl: own }: Provider, baseUrl: string): readonly string[] {
  const isOwn = typeof own === 'string' && URL.canParse(baseUrl) && isAt(own, baseUrl);
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
