/**
 * What this worker has learned of how many bytes a token of each target has. Known by provider and model, so it outlives a
 * reload. Bounded by the configuration: the models behind a star share what is known of it.
 */
import type { Config, TargetConfig } from '../../shared/config.ts';
import { learned, type SeenAttempt, type TokenPace, unknownPace } from '../policies/token-estimate.ts';

type Target = Pick<TargetConfig, 'provider' | 'model'>;

/** One per worker. */
export class TokenPaces {
  readonly #byProvider = new Map<string, Map<string, TokenPace>>();

  of({ provider, model }: Target): TokenPace {
    return this.#byProvider.get(provider)?.get(model) ?? unknownPace;
  }

  /** An attempt at a target has ended. */
  learn(target: Target, seen: SeenAttempt): void {
    const before = this.of(target);
    const after = learned(before, seen);
    if (after === before) return;
    let ofModels = this.#byProvider.get(target.provider);
    if (ofModels === undefined) {
      ofModels = new Map();
      this.#byProvider.set(target.provider, ofModels);
    }
    ofModels.set(target.model, after);
  }

  /** Forgets targets that a new configuration does not have. */
  reconfigure({ models }: Config): void {
    const targets = Object.values(models).flatMap((model) => model.targets);
    for (const [provider, ofModels] of this.#byProvider) {
      for (const model of ofModels.keys()) {
        if (!targets.some((target) => target.provider === provider && target.model === model)) ofModels.delete(model);
      }
    }
  }
}
