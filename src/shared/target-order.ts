/**
 * Puts the targets of a model into the order in which one request tries them: level by level, and within a level by the
 * request's session, else by the model's balance. Pure, and says nothing of what may be used: whoever walks the order
 * leaves out what is open, cools down or was tried. A worker has it for requests, and `headgate explain` to say where they go.
 */
import type { ModelConfig, TargetConfig } from './config.ts';

/** What decides the order. Targets are known by their index in the model's list, which has them by level. */
export interface OrderedBy {
  readonly targets: readonly Pick<TargetConfig, 'level' | 'weight'>[];
  readonly balance: ModelConfig['balance'];
  /**
   * What ranks targets for the request's session; of a level, the highest comes first. Null for a request without a
   * session, which is balanced.
   */
  readonly sessionRank: ((index: number) => number) | null;
  /** From 0 to before 1. */
  readonly random: () => number;
  /** How long a target took lately, in ms; null if that is not known. */
  readonly latencyMs: (index: number) => number | null;
  /** How many requests a target has now. */
  readonly inFlight: (index: number) => number;
}

/** The indexes of all targets, each once, in the order in which they are to be tried. */
export function orderTargets(by: OrderedBy): number[] {
  const { targets } = by;
  const placed = targets.map(({ level }, index) => ({ index, level, cost: costOf(by, index) }));
  // Those that cost the same stay in the order of the list.
  placed.sort((one, other) => one.level - other.level || one.cost - other.cost);
  return placed.map(({ index }) => index);
}

/** By which a level is sorted, least first; infinite numbers would not compare. */
function costOf(by: OrderedBy, index: number): number {
  const { balance, sessionRank } = by;
  if (sessionRank !== null) return -sessionRank(index);
  const weight = by.targets[index]?.weight ?? 1;
  switch (balance) {
    case 'order':
      return 0;
    case 'weighted':
      // The least of exponential times with these rates is each one with the share of its weight; so is the next of the rest.
      return -Math.log1p(-by.random()) / weight;
    case 'latency':
      return by.latencyMs(index) ?? unknownMs(by.inFlight(index));
    case 'load':
      return (by.inFlight(index) + 1) / weight;
    default:
      return balance satisfies never;
  }
}

/** Later than any latency that is known. */
const AFTER_ALL_KNOWN_MS = 1e12;

/** Where nothing is known, the next request finds it out, and others do not wait with it. */
function unknownMs(inFlight: number): number {
  return inFlight === 0 ? -1 : AFTER_ALL_KNOWN_MS + inFlight;
}
