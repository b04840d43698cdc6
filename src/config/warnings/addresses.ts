/**
 * Warns of base URLs in which the version of the API is missing or there twice: paths of OpenAI-like types begin behind
 * it, those of others with it. Pure.
 */
import { dialectsOf, pathAt, providerOf } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';
import { valueAt } from '../source/source-tree.ts';
import type { Concern, LoadedConfig } from './warning.ts';

const VERSION = '/v1';

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
  const { prefix } = baseAddress(baseUrl);
  if (prefix.includes(`${VERSION}${VERSION}`)) return `has ${VERSION} twice: leave one out`;
  const [dialect = ''] = dialectsOf(provider);
  const first = pathAt(provider, dialect, { model: 'model', stream: false, settings });
  if (first.startsWith(`${VERSION}/`) && prefix.endsWith(VERSION)) {
    return `ends with ${VERSION}, which the gateway adds itself: requests would go to ${prefix}${first}`;
  }
  const own = typeof provider.baseUrl === 'string' ? baseAddress(provider.baseUrl).prefix : '';
  if (own === VERSION && prefix === '') {
    return `has no path: such APIs are at ${VERSION}, and requests would go to ${first}`;
  }
  return null;
}
