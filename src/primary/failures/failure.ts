/** A request that ended with an error, as it is shown. Pure. */
import { asConnectReason, connectCure } from '../../shared/egress/connect-fault.ts';
import { errorCures } from '../../shared/error-cures.ts';
import { type ErrorOwner, errorTable } from '../../shared/errors.ts';
import { type FailureReport, providersOf } from '../../shared/failure-report.ts';
import { leftOutCure } from '../../shared/left-out.ts';
import { operatorPart } from '../../shared/operator-part.ts';

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
  /** What of the configuration is wrong, such as `the key of openai`; null where no setting is. */
  readonly operator: string | null;
  /** What the operator does, in a sentence. */
  readonly cure: string;
}

/** @param worker the slot of the worker that sent it */
export function describeFailure({ atMs, ...report }: FailureReport, worker: number): Failure {
  const { owner, meaning } = errorTable[report.code];
  const at = new Date(atMs).toISOString();
  const providers = providersOf(report);
  const { end } = lastAttempt(report.trail);
  const [only = report.provider] = providers.length === 1 ? providers : [];
  const operator = operatorPart(report.code, only, end);
  return { at, worker, owner, ...report, providers, message: meaning, operator, cure: cureOf(report, end) };
}

/** Where no provider was asked, of each that was left out; else also of those that stay so until somebody acts. */
function cureOf({ code, provider, trail, leftOut = '' }: Omit<FailureReport, 'atMs'>, end: string | null): string {
  const ofEach = leftOutCure(leftOut, trail === '');
  if (trail === '' && ofEach !== null) return ofEach;
  const reason = asConnectReason(end);
  const cure = reason === null ? errorCures[code] : sentence(connectCure(reason, provider));
  return ofEach === null ? cure : `${cure} Left out: ${ofEach}`;
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

/** How the last attempt of a trail ended, and how long it took; null where that is not said. */
export function lastAttempt(trail: string): { readonly end: string | null; readonly tookMs: number | null } {
  const [, end = null, ms] = /=([^=,(]+)(?:\((\d+)ms\))?$/.exec(trail) ?? [];
  return { end, tookMs: ms === undefined ? null : Number(ms) };
}
