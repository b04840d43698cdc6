/** Circuits as people and gauges see them. Pure. */
import type { Circuit } from '../../shared/circuits/circuit.ts';
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import { mostAreNotClosed } from '../../shared/circuits/provider-rule.ts';
import type { ProviderCircuits } from './provider-circuits.ts';

interface Shown {
  readonly state: CircuitState;
  /** Until a probe is due, in ms; 0 unless open. */
  readonly remainingMs: number;
  /** Closed: those in the window. Else: those that opened it, and its failed probes. */
  readonly failures: number;
}

/** A provider: its own circuit; while that is closed, what most of its targets show, which excludes no other target. */
export interface ProviderReport extends Shown {
  readonly provider: string;
}

/** A target's own circuit. */
export interface TargetReport extends Shown {
  readonly provider: string;
  /** The provider's name of the model. */
  readonly model: string;
  /** Whether the provider's own circuit is not closed, so that this target is left out too. */
  readonly barred: boolean;
}

/** What `llm_circuit_state` and the status show of a provider. */
export function reportProvider(provider: string, circuits: ProviderCircuits, nowMs: number): ProviderReport {
  const { own, options } = circuits;
  const shown = show(circuits, own, nowMs);
  if (own.state !== 'closed') return { provider, ...shown };
  const targets = [...circuits.targets.values()];
  const failures = targets.reduce((sum, circuit) => sum + show(circuits, circuit, nowMs).failures, shown.failures);
  if (!mostAreNotClosed(targets, nowMs, options)) return { provider, ...shown, failures };
  const open = targets.filter(({ state }) => state === 'open').map((circuit) => show(circuits, circuit, nowMs));
  const isDue = targets.some(({ state }) => state === 'half-open');
  const remainingMs = isDue ? 0 : Math.min(...open.map((circuit) => circuit.remainingMs));
  return { provider, state: isDue ? 'half-open' : 'open', remainingMs, failures };
}

/** What `llm_target_circuit_state` and the status show of a provider's targets. */
export function reportTargets(provider: string, circuits: ProviderCircuits, nowMs: number): TargetReport[] {
  const barred = circuits.own.state !== 'closed';
  return Array.from(circuits.targets, ([model, circuit]) => {
    return { provider, model, ...show(circuits, circuit, nowMs), barred };
  });
}

function show({ options }: ProviderCircuits, circuit: Circuit, nowMs: number): Shown {
  const { state } = circuit;
  if (state === 'closed') return { state, remainingMs: 0, failures: circuit.window.at(nowMs, options).failures };
  return { state, remainingMs: remainingOf(circuit, nowMs), failures: circuit.failures };
}

/** Until a probe is due, in whole ms; 0 unless open. */
export function remainingOf(circuit: Circuit, nowMs: number): number {
  return circuit.state === 'open' ? Math.max(0, Math.ceil(circuit.untilMs - nowMs)) : 0;
}
