/**
 * Says once that something cannot be written, and once that it can be again. Of a folder that cannot be written at all the
 * ledger speaks, so that one full disk is not told in several ways.
 */
import type { Log } from '../log.ts';

interface WriteTroubleOptions {
  /** What is written, as the log names it: `the spend books`. */
  readonly what: string;
  /** What it costs that it is not, behind the colon of the line; none if that is plain. */
  readonly loss?: string;
  /** Fields of both lines. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly ledger: { readonly writable: boolean };
  readonly log: Log;
}

export class WriteTrouble {
  readonly #options: WriteTroubleOptions;
  #problem: string | null = null;
  #isReported = false;

  constructor(options: WriteTroubleOptions) {
    this.#options = options;
  }

  /** Why it could not be written the last time; null if it could. */
  get problem(): string | null {
    return this.#problem;
  }

  /** After each try. @param problem why it failed; null if it did not */
  report(problem: string | null): void {
    const { what, loss, fields = {}, ledger, log } = this.#options;
    this.#problem = problem;
    if (problem !== null && !this.#isReported && ledger.writable) {
      log.warn({ ...fields, problem }, `${what} cannot be written${loss === undefined ? '' : `: ${loss}`}`);
      this.#isReported = true;
    }
    if (problem === null && this.#isReported) {
      log.info(fields, `${what} can be written again`);
      this.#isReported = false;
    }
  }
}
