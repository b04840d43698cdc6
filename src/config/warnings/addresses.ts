/**
 * Warns of base URLs in which the version of the API is missing, or there twice with what stands around it: paths of
 * OpenAI-like types begin behind it, those of others with it. Pure.
 */
import { dialectsOf, pathAt, providerOf } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';
import { valueAt } from '../source/source-tree.ts';
import type { Concern, LoadedConfig } from './warning.ts';

const VERSION = '/v1';

const isVersion = /^v\d/;

/** Only of addresses that the file names. */
export function addressWarnings({ config, tree }: Pick<LoadedConfig, 'config' | 'tree'>): Concern[] {
  return Object.values(config.providers).flatMap((provider) => {
    const path = ['providers', provider.name, 'base_url'];
    if (valueAt(tree.value, path) === undefined) return [];
    const why = wrongVersion(provider);
    return why === null ? [] : [{ path, message: `providers.${provider.name}.base_url ${why}` }];
  });
}

function wrongVersion({ type, baseUrl, settings }: ProviderConfig): string | null {
  const provider = providerOf(type);
  const { origin, prefix } = baseAddress(baseUrl);
  if (prefix.includes(`${VERSION}${VERSION}`)) return `has ${VERSION} twice: leave one out`;
  const paths = dialectsOf(provider).map((dialect) =>
    pathAt(provider, dialect, { model: 'model', stream: false, settings }),
  );
  for (const path of paths) {
    const doubled = startsOf(path).find((start) => prefix.endsWith(start));
    if (doubled !== undefined) {
      return `ends with ${doubled}, which the gateway adds itself: requests would go to ${prefix}${path}`;
    }
  }
  const own = typeof provider.baseUrl === 'string' ? baseAddress(provider.baseUrl) : null;
  const [first = ''] = paths;
  if (own?.prefix.endsWith(VERSION) !== true || prefix.endsWith(VERSION)) return null;
  if (prefix === '') return `has no path: such APIs are at ${own.prefix}, and requests would go to ${first}`;
  if (origin !== own.origin) return null;
  return `has another path than this API, which is at ${own.prefix}: requests would go to ${prefix}${first}`;
}

/** What a copied address may end with: all parts of a path with a version that are not the whole, the longest first. */
function startsOf(path: string): string[] {
  const [, ...segments] = path.replace(/\?.*/, '').split('/');
  if (!segments.some((segment) => isVersion.test(segment))) return [];
  return segments.slice(1).map((_, index) => `/${segments.slice(0, segments.length - 1 - index).join('/')}`);
}
