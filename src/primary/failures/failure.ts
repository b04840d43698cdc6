/** A request that ended with an error, as it is shown. Pure. */
import { asConnectReason, connectCure } from '../../shared/egress/connect-fault.ts';
import { errorCures } from '../../shared/error-cures.ts';
import { type ErrorOwner, errorTable } from '../../shared/errors.ts';
import type { FailureReport } from '../../shared/failure-report.ts';
import { operatorPart } from '../../shared/operator-part.ts';

/** The report of a worker, with what the table of errors says of its code. */
export interface Failure extends Omit<FailureReport, 'atMs'> {
  /** As an ISO time. */
  readonly at: string;
  /** The slot of the worker that served it. */
  readonly worker: number;
  readonly owner: ErrorOwner;
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
  const { end } = lastAttempt(report.trail);
  const operator = operatorPart(report.code, report.provider, end);
  const reason = asConnectReason(end);
  const cure = reason === null ? errorCures[report.code] : sentence(connectCure(reason, report.provider));
  return { at, worker, owner, ...report, message: meaning, operator, cure };
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

/** How the last attempt of a trail ended, and how long it took; null where that is not said. */
export function lastAttempt(trail: string): { readonly end: string | null; readonly tookMs: number | null } {
  const [, end = null, ms] = /=([^=,(]+)(?:\((\d+)ms\))?$/.exec(trail) ?? [];
  return { end, tookMs: ms === undefined ? null : Number(ms) };
}
