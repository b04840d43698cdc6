/**
 * The order in which a request tries its model's targets. It is made once, when it is first asked for, and kept, so that
 * all attempts of a request agree on it. Targets that are only ordered need none.
 */
import type { ModelConfig } from '../../../shared/config.ts';
import { sessionRank } from '../../../shared/session-rank.ts';
import { orderTargets } from '../../../shared/target-order.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { Session } from '../session.ts';
import { expectedOf, type TargetTraffic } from '../target-traffic.ts';

/** The session by which a model's targets are ranked; null where there is none, or a fallback model keeps none. */
export function sessionAt({ session }: ActiveRequest, { sessions }: ModelConfig): Session | null {
  return sessions === 'off' ? null : session;
}

/** The index of the first target to try, of those that can take the request; -1 if none can. */
export function firstIndex(request: ActiveRequest, model: ModelConfig): number {
  const { history } = request;
  if (model.balance === 'order' && (sessionAt(request, model) === null || !sharesLevel(model))) {
    return model.targets.findIndex((_, index) => !history.isSkipped(index));
  }
  return orderOf(request, model).find((index) => !history.isSkipped(index)) ?? -1;
}

/** The indexes of all targets, in the order in which the request tries them. */
export function orderOf(request: ActiveRequest, model: ModelConfig): readonly number[] {
  const known = request.order;
  if (known !== null) return known;
  const order = orderTargets({
    targets: model.targets,
    balance: model.balance,
    sessionRank: rankOf(request, model),
    random: request.plane.random,
    latencyMs: (index) => latencyMs(request, model, index),
    inFlight: (index) => trafficOf(request, model, index)?.inFlight ?? 0,
  });
  request.ordered(order);
  return order;
}

/** Null where no level has a choice, or the request has no session. */
function rankOf(request: ActiveRequest, model: ModelConfig): ((index: number) => number) | null {
  const session = sessionAt(request, model);
  if (session === null || !sharesLevel(model)) return null;
  return (index) => {
    const target = model.targets[index];
    return target === undefined ? 0 : sessionRank(session.key, target);
  };
}

/** Whether a level has several targets: they stand by level. */
function sharesLevel({ targets }: ModelConfig): boolean {
  return targets.some(({ level }, index) => targets[index + 1]?.level === level);
}

function latencyMs(request: ActiveRequest, model: ModelConfig, index: number): number | null {
  const traffic = trafficOf(request, model, index);
  return traffic === null ? null : expectedOf(traffic, request.stream, request.plane.clock.nowMs());
}

function trafficOf({ plane }: ActiveRequest, { targets }: ModelConfig, index: number): TargetTraffic | null {
  const target = targets[index];
  return target === undefined ? null : plane.traffic.of(target);
}
