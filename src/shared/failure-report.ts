/**
 * What a worker tells the primary of a request that ended with an error, and the check of what comes. Nothing in it is a
 * prompt, a provider's words or a secret: names of the configuration, words of closed lists, numbers, and two ids, from
 * which the worker has struck the secrets.
 */
import { type EndpointLabel, endpointLabels } from './endpoints.ts';
import { type ErrorCode, errorTable } from './errors.ts';
import { isCount } from './event-guard.ts';
import { asArray, asRecord } from './json.ts';
import { leftOutProviders } from './left-out.ts';

/** Most reports in one message. */
export const MOST_REPORTS = 20;

/** Most failures that a worker keeps for the next primary. */
export const MOST_LEFT = 50;

/** Most characters of a name or id, and of a trail. A worker cuts what is longer. */
export const MOST_NAME = 256;
export const MOST_TRAIL = 1024;

export interface FailureReport {
  /** When it ended, in unix milliseconds. */
  readonly atMs: number;
  readonly id: string;
  readonly endpoint: EndpointLabel;
  /** The name of a configured model, otherwise `other`. */
  readonly model: string;
  /** The last one asked; `unknown` if none was. */
  readonly provider: string;
  /** That provider's name of the model, as configured; null if none was asked. */
  readonly upstreamModel: string | null;
  /** The name of that provider's key; null where it has no choice of them. */
  readonly key: string | null;
  /** What the client got; 200 where a stream had begun. */
  readonly status: number;
  readonly stream: boolean;
  readonly code: ErrorCode;
  /** The code of what lies behind it: the system's, or of TLS or a library; null where there is none. */
  readonly cause: string | null;
  /** As `x-headgate-attempts`. */
  readonly trail: string;
  /** Why targets that were not asked were left out, as `left-out.ts` writes it; missing where none was. */
  readonly leftOut?: string;
  readonly upstreamRequestId: string | null;
  readonly durationMs: number;
}

/** What says of a report whose it is. */
type Asked = Pick<FailureReport, 'provider' | 'trail'> & { readonly leftOut?: string | undefined };

/** The providers that it is put down to: the last one asked; where none was, those whose targets were left out, else `unknown`. */
export function providersOf({ provider, trail, leftOut = '' }: Asked): string[] {
  const leftOutHere = trail === '' ? leftOutProviders(leftOut) : [];
  return leftOutHere.length > 0 ? leftOutHere : [provider];
}

/**
 * Of which kind it is: each has its share of what is told and kept. That no provider was asked is a kind of its own, since it
 * follows from those where one was. The owner follows from the code.
 */
export function failureKind(report: Asked & { readonly model: string; readonly code: string }): string {
  return [report.model, report.code, report.provider, ...providersOf(report).toSorted()].join('\n');
}

/** What a worker leaves for the next primary, in its file: it may be told again, and some of it the last one has had. */
export interface FailuresLeft {
  /** The worker's slot. */
  readonly worker: number;
  /** Its last ones, oldest first. */
  readonly failures: readonly FailureReport[];
  /** How many since it was alone have no room there. It only grows. */
  readonly withheld: number;
}

/** What can be read of the failures in an orphan's file; null in that of another version. */
export function readFailuresLeft(value: unknown): FailuresLeft | null {
  const { worker, failures, withheld } = asRecord(value) ?? {};
  if (!isCount(worker) || !isCount(withheld)) return null;
  return { worker, withheld, failures: asArray(failures).slice(-MOST_LEFT).filter(isFailureReport) };
}

const endpoints: ReadonlySet<unknown> = new Set(endpointLabels);

const CAUSE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** Whether a text can only be the code of an error, so that it quotes nobody. */
export function isCauseCode(text: unknown): text is string {
  return typeof text === 'string' && CAUSE.test(text);
}

/** Whether `value` is a report with all of its fields, each within its bounds. */
export function isFailureReport(value: unknown): value is FailureReport {
  const { code, cause, trail, ...report } = asRecord(value) ?? {};
  return (
    isAmount(report.atMs) &&
    report.atMs <= LATEST_MS &&
    isName(report.id) &&
    endpoints.has(report.endpoint) &&
    isName(report.model) &&
    isName(report.provider) &&
    isNameOrNull(report.upstreamModel) &&
    isNameOrNull(report.key) &&
    isCount(report.status) &&
    typeof report.stream === 'boolean' &&
    typeof code === 'string' &&
    Object.hasOwn(errorTable, code) &&
    (cause === null || isCauseCode(cause)) &&
    typeof trail === 'string' &&
    trail.length <= MOST_TRAIL &&
    (report.leftOut === undefined || (typeof report.leftOut === 'string' && report.leftOut.length <= MOST_TRAIL)) &&
    isNameOrNull(report.upstreamRequestId) &&
    isAmount(report.durationMs)
  );
}

/** The last moment that a date can be. */
const LATEST_MS = 8.64e15;

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_NAME;
}

function isNameOrNull(value: unknown): value is string | null {
  return value === null || isName(value);
}
