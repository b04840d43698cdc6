/**
 * Parameters of the configuration that a target has turned out not to take. A client has not sent them and must not hear
 * of them: the request is sent again without, and later ones are sent so at once.
 */
import type { UpstreamError } from '../../dialects/upstream-error.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { isPattern } from '../../shared/model-names.ts';

const NONE: readonly string[] = [];

/** Of a worker, by account and model. */
export class RefusedParameters {
  readonly #byTarget = new Map<string, readonly string[]>();

  /** Names that are not to be set. */
  of(provider: ProviderConfig, target: TargetConfig): readonly string[] {
    return this.#byTarget.get(keyOf(provider, target)) ?? NONE;
  }

  /** A target has answered only without these. Behind a star are many models, of which others may take them. */
  add(provider: ProviderConfig, target: TargetConfig, names: readonly string[]): void {
    if (isPattern(target.model)) return;
    this.#byTarget.set(keyOf(provider, target), [...new Set([...this.of(provider, target), ...names])]);
  }
}

/** Which of the parameters that were set an error is about; none where it is not about what the request holds. */
export function refusedIn({ status, param, message }: UpstreamError, set: readonly string[]): readonly string[] {
  if (status !== 400 && status !== 422) return NONE;
  const words = `${param ?? ''} ${message}`.split(/[^\w-]+/);
  return set.filter((name) => words.includes(name));
}

function keyOf({ account }: ProviderConfig, { model }: TargetConfig): string {
  return `${account} ${model}`;
}
