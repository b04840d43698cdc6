/**
 * The order in which a request tries its model's targets. It is made once, when it is first asked for, and kept, so that
 * all attempts of a request agree on it. Targets that are only ordered need none.
 */
import type { ModelConfig } from '../../../shared/config.ts';
import { orderTargets } from '../../policies/target-order.ts';
import type { ActiveRequest } from '../active-request.ts';
import { expectedOf, type TargetTraffic } from '../target-traffic.ts';

/** The index of the first target to try. */
export function firstIndex(request: ActiveRequest, model: ModelConfig): number {
  return model.balance === 'order' ? 0 : (orderOf(request, model)[0] ?? 0);
}

/** The indexes of all targets, in the order in which the request tries them. */
export function orderOf(request: ActiveRequest, model: ModelConfig): readonly number[] {
  const known = request.order;
  if (known !== null) return known;
  const order = orderTargets({
    targets: model.targets,
    balance: model.balance,
    sessionRank: null,
    random: request.plane.random,
    latencyMs: (index) => latencyMs(request, model, index),
    inFlight: (index) => trafficOf(request, model, index)?.inFlight ?? 0,
  });
  request.ordered(order);
  return order;
}

function latencyMs(request: ActiveRequest, model: ModelConfig, index: number): number | null {
  const traffic = trafficOf(request, model, index);
  return traffic === null ? null : expectedOf(traffic, request.stream, request.plane.clock.nowMs());
}

function trafficOf({ plane }: ActiveRequest, { targets }: ModelConfig, index: number): TargetTraffic | null {
  const target = targets[index];
  return target === undefined ? null : plane.traffic.of(target);
}
