/** The configuration that tests of whole gateways start from. */
import { type ConfigInput, oneProviderConfig } from '../../scripts/rig/gateway-config.ts';

/** Two workers with short drains, one provider named `openai` at `providerPort`, model `gpt-4`. */
export function gatewayConfig(providerPort: number): ConfigInput {
  return oneProviderConfig(providerPort, 2, { drain: { stop: '5s', restart: '10s' } });
}
