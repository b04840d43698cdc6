/** A request that ended with an error, as it is shown. Pure. */
import { errorCures } from '../../shared/error-cures.ts';
import { type ErrorOwner, errorTable } from '../../shared/errors.ts';
import { type FailureReport, providersOf } from '../../shared/failure-report.ts';
import { leftOutCure } from '../../shared/left-out.ts';

/** The report of a worker, with what the table of errors says of its code. */
export interface Failure extends Omit<FailureReport, 'atMs'> {
  /** As an ISO time. */
  readonly at: string;
  /** The slot of the worker that served it. */
  readonly worker: number;
  readonly owner: ErrorOwner;
  /** Those that it is put down to: the last one asked; where none was, each whose target was left out, else `unknown`. */
  readonly providers: readonly string[];
  /** What the code means: the table's own words. */
  readonly message: string;
  /** What the operator does, in a sentence. */
  readonly cure: string;
}

/** @param worker the slot of the worker that sent it */
export function describeFailure({ atMs, ...report }: FailureReport, worker: number): Failure {
  const { owner, meaning } = errorTable[report.code];
  const at = new Date(atMs).toISOString();
  const providers = providersOf(report);
  return { at, worker, owner, ...report, providers, message: meaning, cure: cureOf(report) };
}

/** Where no provider was asked, of each that was left out; else also of those that stay so until somebody acts. */
function cureOf({ code, trail, leftOut = '' }: Pick<FailureReport, 'code' | 'trail' | 'leftOut'>): string {
  const ofEach = leftOutCure(leftOut, trail === '');
  if (ofEach === null) return errorCures[code];
  return trail === '' ? ofEach : `${errorCures[code]} Left out: ${ofEach}`;
}

/** What the verdict reads of it. */
export function lastFailure({ at, model, provider, upstreamModel, code, cause, trail }: Failure) {
  const [, end = null] = /=([^=,(]+)(?:\([^()]*\))?$/.exec(trail) ?? [];
  const detail = end !== null && /^\d{3}$/.test(end) ? end : (cause ?? end);
  return { atMs: Date.parse(at), model, provider, upstreamModel, code, detail };
}
