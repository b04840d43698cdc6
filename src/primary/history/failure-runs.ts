/**
 * Requests of each model that failed one after another: an answer ends a run. So whether all of a model's last requests
 * failed is known however few they are. What the client, or a limit, is to blame for is neither.
 */

/** Most models; one beyond that has no run. */
const MOST_MODELS = 100;

/** One model's. */
interface FailureRun {
  failures: number;
  /** The steps of the first one and of the last one. */
  readonly first: number;
  last: number;
  /** The last one that was asked; null if none was. */
  provider: string | null;
}

/** Of all models. */
export class FailureRuns {
  readonly #byModel = new Map<string, FailureRun>();

  /** @param provider null: none was asked */
  failed(step: number, model: string, provider: string | null): void {
    const run = this.#byModel.get(model);
    if (run !== undefined) {
      run.failures += 1;
      run.last = step;
      run.provider = provider ?? run.provider;
    } else if (this.#byModel.size < MOST_MODELS) {
      this.#byModel.set(model, { failures: 1, first: step, last: step, provider });
    }
  }

  answered(model: string): void {
    this.#byModel.delete(model);
  }

  of(model: string): Readonly<FailureRun> | null {
    return this.#byModel.get(model) ?? null;
  }

  all(): Iterable<readonly [model: string, run: Readonly<FailureRun>]> {
    return this.#byModel;
  }

  /** Forgets runs of which nothing has failed since a step. */
  forgetBefore(step: number): void {
    for (const [model, { last }] of this.#byModel) if (last < step) this.#byModel.delete(model);
  }
}
