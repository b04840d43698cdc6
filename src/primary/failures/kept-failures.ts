/**
 * The last failures as a primary leaves them for its successor, which may be of another version: each is checked like a
 * message of a worker, and what has no place in the table of errors any more is left out. Pure.
 */
import { isCount } from '../../shared/event-guard.ts';
import { isFailureReport } from '../../shared/failure-report.ts';
import { asArray, asRecord, parseJson } from '../../shared/json.ts';
import { describeFailure, type Failure } from './failure.ts';
import type { FailuresKept } from './failure-book.ts';

/** Of the form. Another one is not read. */
const VERSION = 1;

/** As a text. What the tables say of a code is not kept: a successor has its own words. */
export function writeFailures({ failures, ...counts }: FailuresKept): string {
  return JSON.stringify({ version: VERSION, ...counts, failures: failures.map(bare) });
}

/** From a text; null if it is none of this form. */
export function readFailures(text: string): FailuresKept | null {
  const { version, withheld, withheldBy, failures } = asRecord(parseJson(text)) ?? {};
  if (version !== VERSION || !isCount(withheld) || !Array.isArray(failures)) return null;
  const counted = Object.entries(asRecord(withheldBy) ?? {}).flatMap(([id, count]) =>
    isCount(count) ? [[id, count] as const] : [],
  );
  return {
    withheld,
    withheldBy: Object.fromEntries(counted),
    failures: asArray(failures).flatMap((each) => failureIn(each) ?? []),
  };
}

function bare({ at, owner: _o, providers: _p, message: _m, operator: _w, cure: _c, ...report }: Failure) {
  return { ...report, atMs: Date.parse(at) };
}

function failureIn(value: unknown): Failure | null {
  const { worker, ...report } = asRecord(value) ?? {};
  return isCount(worker) && isFailureReport(report) ? describeFailure(report, worker) : null;
}
