/**
 * Probes of half-open circuits, counted at the provider: what came there between two moments at which the circuit was
 * open and nothing was in flight, against the half-open times in between.
 */
import { eventually } from '../../test/helpers/eventually.ts';
import type { GatewayUnderTest } from '../bench/gateway-under-test.ts';
import type { FakeProvider } from './fake-provider.ts';
import { sumOf } from './judgements.ts';

export interface OpenMoment {
  /** Times that the circuit has become half-open so far. */
  readonly halfOpens: number;
  /** Requests that have reached the provider so far. */
  readonly requests: number;
}

/** Waits for a moment at which the provider's circuit is open with no probe about, and reads both counts as of then. */
export function openMoment(gateway: GatewayUnderTest, provider: FakeProvider, name: string): Promise<OpenMoment> {
  return eventually(
    `the circuit of ${name} is open and at rest`,
    async () => {
      const before = await halfOpensOf(gateway, name);
      const { requests, inFlight } = await provider.stats();
      const halfOpens = await halfOpensOf(gateway, name);
      const { circuits } = await gateway.status();
      const open = circuits.some((circuit) => circuit.provider === name && circuit.state === 'open');
      // It was open all the while: half-open, it would have been counted once more, or not be open now.
      return open && inFlight === 0 && before === halfOpens && { halfOpens, requests };
    },
    30_000,
  );
}

async function halfOpensOf(gateway: GatewayUnderTest, name: string): Promise<number> {
  const series = new RegExp(`llm_circuit_transitions_total\\{provider="${name}",to="half_open"\\}`);
  return sumOf(await gateway.metrics(), series);
}
