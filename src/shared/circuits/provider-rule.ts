/**
 * What the targets of a provider say about it together. Pure, over the states of their circuits.
 *
 * A target is *carrying* if its window holds an outcome or its circuit is not closed: targets without traffic say
 * nothing. It is *failing* if its circuit is open, or if its failures reach `failureShare`.
 */
import type { CircuitOptions } from '../config.ts';
import type { Circuit } from './circuit.ts';

/**
 * The failures for which a provider's circuit opens: at least two targets carry, more than half of those are failing,
 * with at least `minFailures` together; otherwise 0. Without this rule a thousand models with a request a minute each
 * would never open a circuit while the whole provider is down. Failures sent before `sinceMs`, the moment at which the
 * provider's circuit closed, do not count: they are the stragglers of an outage that is over.
 */
export function failuresOfMost(
  targets: Iterable<Circuit>,
  sinceMs: number,
  nowMs: number,
  options: CircuitOptions,
): number {
  let carrying = 0;
  let failing = 0;
  let together = 0;
  for (const circuit of targets) {
    if (!isCarrying(circuit, nowMs, options)) continue;
    carrying += 1;
    if (circuit.window.failures === 0 && circuit.state !== 'open') continue;
    const { outcomes, failures, recent } = circuit.window.tally(nowMs, options, sinceMs);
    const reached = failures > 0 && failures >= outcomes * options.failureShare;
    if (circuit.state !== 'open' && !reached) continue;
    failing += 1;
    together += recent;
  }
  return carrying >= 2 && failing > carrying / 2 && together >= options.minFailures ? together : 0;
}

/** Whether more than half of the carrying targets have a circuit that is not closed. For people and gauges only. */
export function mostAreNotClosed(targets: Iterable<Circuit>, nowMs: number, options: CircuitOptions): boolean {
  let carrying = 0;
  let notClosed = 0;
  for (const circuit of targets) {
    if (!isCarrying(circuit, nowMs, options)) continue;
    carrying += 1;
    if (circuit.state !== 'closed') notClosed += 1;
  }
  return notClosed > carrying / 2;
}

function isCarrying(circuit: Circuit, nowMs: number, options: CircuitOptions): boolean {
  return circuit.state !== 'closed' || circuit.window.holdsAny(nowMs, options);
}
