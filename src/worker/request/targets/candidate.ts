/**
 * The targets of a model as a request sees them: which are there, and which of them it may use now. Changes nothing.
 */
import type { ModelConfig, ProviderConfig, TargetConfig } from '../../../shared/config.ts';
import type { ActiveRequest } from '../active-request.ts';
import { hasDeclined, keysLeft } from './keys.ts';

/** A target, with its place in the model's list and its provider. */
export interface Candidate {
  readonly index: number;
  readonly target: TargetConfig;
  readonly provider: ProviderConfig;
}

/** Null where the list has no such place. */
export function candidateAt(request: ActiveRequest, model: ModelConfig, index: number): Candidate | null {
  const target = model.targets[index];
  const provider = target && request.config.providers[target.provider];
  return target === undefined || provider === undefined ? null : { index, target, provider };
}

/** Whether a target is left that the request has not tried and that nothing excludes now. */
export function anotherIsUsable(request: ActiveRequest, model: ModelConfig): boolean {
  const { plane, history } = request;
  return model.targets.some((target, index) => {
    const provider = history.tried.includes(index) ? undefined : request.config.providers[target.provider];
    if (provider === undefined || hasDeclined(request, provider)) return false;
    return plane.gate.state(provider.name, target.model, keysLeft(request, provider)).kind === 'available';
  });
}

/** Whether the provider of the last failure has attempts left for this request. */
export function mayRepeat(request: ActiveRequest, model: ModelConfig): boolean {
  const { lastFailureHere: lastFailure } = request.history;
  const last = lastFailure === null ? null : candidateAt(request, model, lastFailure.index);
  return last !== null && request.history.triesAt(last.provider.name) < last.provider.retry.attempts;
}
