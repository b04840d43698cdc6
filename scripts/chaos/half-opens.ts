/**
 * Probes of half-open circuits, counted at the provider: the requests that reached it between two moments at which the
 * circuit was open and nothing was in flight, compared with how often the circuit became half-open in between.
 */
import { eventually } from '../processes/eventually.ts';
import type { FakeProvider } from '../rig/fake-provider.ts';
import type { RunningGateway } from '../rig/gateway.ts';
import { sumOf } from './judgements.ts';

interface OpenMoment {
  /** How often the circuit has become half-open so far. */
  readonly halfOpens: number;
  /** Requests that have reached the provider so far. */
  readonly requests: number;
}

/**
 * Waits for a moment at which the provider's circuit is open and no probe is in flight, and reads both counts as of
 * then.
 */
export function openMoment(gateway: RunningGateway, provider: FakeProvider, name: string): Promise<OpenMoment> {
  return eventually(
    `the circuit of ${name} is open without a probe`,
    async () => {
      const before = await halfOpensOf(gateway, name);
      const { requests, inFlight } = await provider.stats();
      const halfOpens = await halfOpensOf(gateway, name);
      const { circuits } = await gateway.status();
      const open = circuits.some((circuit) => circuit.provider === name && circuit.state === 'open');
      // It was open the whole time: if it had been half-open, the count would be higher or it would not be open now.
      return open && inFlight === 0 && before === halfOpens && { halfOpens, requests };
    },
    30_000,
  );
}

async function halfOpensOf(gateway: RunningGateway, name: string): Promise<number> {
  const series = new RegExp(`llm_circuit_transitions_total\\{provider="${name}",to="half_open"\\}`);
  return sumOf(await gateway.metrics(), series);
}
