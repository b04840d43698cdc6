/** What stands between a client and a provider: the provider need not speak the client's dialect. */
import type { Codec } from '../../dialects/codec.ts';
import { codecFor, dialectOf } from '../../dialects/registry.ts';
import type { Dialect } from '../../dialects/types.ts';
import { speaks } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';

/** Whether a provider can be asked in a client's dialect, or in one that can be put behind it. */
export function canServe(provider: ProviderConfig, inbound: Dialect): boolean {
  return codecTo(provider, inbound) !== null;
}

/** The client's own dialect where the provider speaks it, else the first that can be put behind it; null if none can. */
export function codecTo(config: ProviderConfig, inbound: Dialect): Codec | null {
  if (speaks(config, inbound.name)) return codecFor(inbound, inbound);
  for (const name of config.dialects) {
    const codec = codecFor(inbound, dialectOf(name));
    if (codec !== null) return codec;
  }
  return null;
}
