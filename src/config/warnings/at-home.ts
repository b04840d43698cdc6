/** Whether a provider is asked at its type's own address: elsewhere (a proxy, another gateway) its names and keys may be others. Pure. */
import { addressOf, providerOf } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';

/** False for a type that has no address of its own. */
export function isAtHome({ type, baseUrl, settings }: ProviderConfig): boolean {
  const own = addressOf(providerOf(type), settings);
  return own !== null && new URL(own).hostname === new URL(baseAddress(baseUrl).origin).hostname;
}
