/**
 * The verdict on the gateway: whether it is well, and if not, what is wrong, since when, whose fault it is and what to do.
 * One finding for each alert of `deploy/alerts.yml`, by the same bounds; the rules say where they are quicker than it. While
 * an alert fires, the verdict is never that all is well. What has ended disappears.
 *
 *   facts ─► rules ─► symptoms ─► those that have been seen for long enough ─► findings, the worst first
 *                                      └─ since when: remembered from one judgement to the next
 */
import { localMoment } from '../../shared/local-time.ts';
import { type AlertName, alerts, type Severity } from './alerts.ts';
import type { Symptom, VerdictFacts } from './facts.ts';
import { rules } from './rules.ts';

/** Something that is wrong. */
interface Finding {
  /** The name in `deploy/alerts.yml`. */
  readonly alert: AlertName;
  readonly severity: Severity;
  readonly sentence: string;
  /** An ISO time. */
  readonly since: string;
  readonly model: string | null;
  readonly provider: string | null;
  /** What to press or to run, in a sentence. */
  readonly cure: string;
  /** The section that says more. */
  readonly runbook: string;
}

export interface Verdict {
  readonly level: 'well' | 'warn' | 'page';
  /** That of the first finding, or that all is well. Times are this host's own. */
  readonly sentence: string;
  /** Since when the first finding is so, as an ISO time. */
  readonly since: string | null;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** A symptom that goes on. */
export interface Ongoing {
  /** Names it. */
  readonly key: string;
  /** When it was first seen, and since when it is so; in ms since 1970. */
  readonly seenMs: number;
  readonly sinceMs: number;
  /** Who was blamed last: what has ended says nothing of that any more. */
  readonly provider: string | null;
  /** Whether it was seen for long enough. Then it is told until it has ended, by whichever part of its rule. */
  readonly isTold: boolean;
}

/** Of a gateway of which nothing is known yet. */
export const well: Verdict = { level: 'well', sentence: 'Well.', since: null, findings: [] };

/**
 * Judges. Pure.
 *
 * @param before what went on at the last judgement
 */
export function judge(
  facts: VerdictFacts,
  before: readonly Ongoing[],
): { readonly verdict: Verdict; readonly ongoing: readonly Ongoing[] } {
  const known = new Map(before.map((each) => [each.key, each]));
  const ongoing: Ongoing[] = [];
  const found: Found[] = [];
  for (const alert of Object.keys(rules) as AlertName[]) {
    for (const symptom of rules[alert](facts)) {
      const goesOn = continued(alert, symptom, known, facts.wallMs);
      ongoing.push(goesOn);
      if (!goesOn.isTold) continue;
      const fault = symptom.fault?.(goesOn.provider) ?? null;
      found.push({
        finding: findingOf(alert, symptom, goesOn, facts.wallMs),
        fault,
        isEarly: symptom.isEarly === true,
      });
    }
  }
  // Rules stand by severity, the worst first, and what is less severe than its alert comes after them.
  const shown = found
    .filter((each) => !isToldOtherwise(each, found))
    .map(({ finding }) => finding)
    .sort(bySeverity);
  const [worst] = shown;
  if (worst === undefined) return { verdict: well, ongoing };
  const { severity: level, sentence, since } = worst;
  return { verdict: { level, sentence, since, findings: shown }, ongoing };
}

interface Found {
  readonly finding: Finding;
  readonly fault: string | null;
  readonly isEarly: boolean;
}

/**
 * What is told of models is not told once more of the whole gateway, nor that a model has no target left where its failures
 * say so, nor the fault that requests fail for. It goes on all the same: it may outlast them. A page is told by no warning
 * that came before its alert.
 */
function isToldOtherwise({ finding, fault }: Found, all: readonly Found[]): boolean {
  const { alert, model, provider, severity } = finding;
  const enough = all.filter((other) => !other.isEarly || other.finding.severity === 'page' || severity === 'warn');
  const errors = enough.filter((other) => other.finding.alert === 'HeadgateErrors');
  if (alert !== 'HeadgateErrors' && fault !== null && errors.some((other) => other.fault === fault)) return true;
  if (model === null && provider === null)
    return enough.some(({ finding: other }) => other.alert === alert && other.model !== null);
  return alert === 'HeadgateNoTarget' && errors.some(({ finding: other }) => other.model === model);
}

function bySeverity(one: Finding, other: Finding): number {
  return Number(other.severity === 'page') - Number(one.severity === 'page');
}

function continued(
  alert: AlertName,
  { model, provider, sinceMs, isEarly, isSilence, forSeconds = alerts[alert].forSeconds }: Symptom,
  known: ReadonlyMap<string, Ongoing>,
  wallMs: number,
): Ongoing {
  // The one to blame for errors may change while they go on.
  const who = alert === 'HeadgateErrors' ? '' : (provider ?? '');
  const key = [alert, model ?? '', isSilence === true ? 'silence' : who].join('\n');
  const last = known.get(key);
  // A wall clock that was set back must not make it last for ever.
  const seen = last !== undefined && last.seenMs <= wallMs ? last : null;
  const seenMs = seen?.seenMs ?? wallMs;
  return {
    key,
    seenMs,
    // Failures in a row are no part of those before them, that answers have followed.
    sinceMs: (isEarly === true && isSilence !== true ? sinceMs : undefined) ?? seen?.sinceMs ?? sinceMs ?? wallMs,
    provider: provider ?? seen?.provider ?? null,
    isTold: seen?.isTold === true || wallMs - seenMs >= forSeconds * 1000,
  };
}

function findingOf(alert: AlertName, symptom: Symptom, { sinceMs, provider }: Ongoing, wallMs: number): Finding {
  const { severity = alerts[alert].severity, pageAfterSeconds = Number.POSITIVE_INFINITY } = symptom;
  return {
    alert,
    severity: wallMs - sinceMs >= pageAfterSeconds * 1000 ? 'page' : severity,
    sentence: symptom.sentence(`since ${localMoment(sinceMs, wallMs)}`, provider),
    since: new Date(sinceMs).toISOString(),
    model: symptom.model,
    provider,
    cure: symptom.cure(provider),
    runbook: `deploy/alerts.md#${alert.toLowerCase()}`,
  };
}
