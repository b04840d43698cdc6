/** What stands between a client and a provider: the provider need not speak the client's dialect. */
import type { Codec } from '../../dialects/codec.ts';
import { codecFor, dialectOf } from '../../dialects/registry.ts';
import type { Dialect } from '../../dialects/types.ts';
import { speaks } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';

/** Whether a target can be asked in a client's dialect, or in one that can be put behind it. */
export function canServe(provider: ProviderConfig, model: string, inbound: Dialect): boolean {
  return codecTo(provider, model, inbound) !== null;
}

/**
 * The client's own dialect where the target speaks it, else the first that can be put behind it; null if none can.
 *
 * @param model its name at the provider, as configured: of a pattern it is not known what it speaks until it is asked
 */
export function codecTo(config: ProviderConfig, model: string, inbound: Dialect): Codec | null {
  if (speaks(config, inbound.name, model)) return codecFor(inbound, inbound);
  for (const name of config.dialects) {
    const codec = speaks(config, name, model) ? codecFor(inbound, dialectOf(name)) : null;
    if (codec !== null) return codec;
  }
  return null;
}
