/**
 * The rule of requests that fail. Pure.
 *
 * It is quicker than its alert, and says for which model. Errors are judged by each model, and for the whole gateway
 * as the alert does; and five failures and more than 5 % within the last minute are told at once: the alert waits for a
 * minute so as to wake nobody for a moment, but whoever looks wants to know. What the alert still says after the last
 * failure is told too, as what has ended.
 */
import { alerts, holds } from './alerts.ts';
import type { Cause } from './cause-words.ts';
import { causeOfModel } from './causes.ts';
import type { RecentFailures, Rule, Symptom, VerdictFacts } from './facts.ts';
import { faultOf } from './fault-of.ts';
import { allLeftOut, cureOfNoTarget } from './left-targets.ts';

const { bounds, ranges } = alerts.HeadgateErrors;

/** HeadgateErrors. */
export const judgeErrors: Rule = (facts) => {
  const names = [...new Set([...facts.counts.names('failed'), ...facts.recent.map(({ model }) => model)])];
  const found = names.flatMap((model) => {
    const recent = facts.recent.find((each) => each.model === model) ?? null;
    return judgeModel(facts, model, recent) ?? [];
  });
  const symptoms = found.sort((one, other) => other.worth - one.worth).map(({ symptom }) => symptom);
  // As the alert has it, and told where no model is: many may have a few failures each.
  const share = alertShare(facts, allNames(facts), allNames(facts));
  return share === null ? symptoms : [...symptoms, ofGateway(share)];
};

interface Judged {
  readonly symptom: Symptom;
  /** What fails now before what has ended, then by share. */
  readonly worth: number;
}

function judgeModel(facts: VerdictFacts, model: string, recent: RecentFailures | null): Judged | null {
  const shareNow = recent === null ? 0 : recent.failed / requestsOf(facts, recent);
  const isFailing = recent !== null && !recent.isOver && holds(shareNow, bounds.share);
  if (isFailing && holds(recent.failed, bounds.failures)) {
    const symptom = failing(facts, model, shareNow, recent.provider);
    return { symptom: { ...symptom, sinceMs: recent.sinceMs, forSeconds: 0 }, worth: 1 + shareNow };
  }
  const share = alertShare(facts, [model], hasNoModel(facts, model) ? allNames(facts) : [model]);
  if (share === null) return null;
  if (isFailing || (recent === null && !facts.knowsLastMinute)) {
    return { symptom: failing(facts, model, share, recent?.provider ?? null), worth: 1 + share };
  }
  return { symptom: ended(facts, model, share), worth: share };
}

/**
 * Whether requests are those that ended before their model was known, or that have none. They are a share of all requests:
 * hardly any of their own are answered.
 */
function hasNoModel({ models }: VerdictFacts, model: string): boolean {
  return model === NO_MODEL && models[NO_MODEL] === undefined;
}

/** As models that are not known are counted. */
const NO_MODEL = 'other';

function requestsOf(facts: VerdictFacts, { model, failed, answered }: RecentFailures): number {
  if (!hasNoModel(facts, model)) return failed + answered;
  return facts.recent.reduce((sum, each) => sum + each.failed, facts.answered);
}

function allNames({ counts }: VerdictFacts): string[] {
  return [...new Set([...counts.names('failed'), ...counts.names('answered')])];
}

/** The share of the requests for `all` by which the alert fires for `models` together; null if it does not. */
function alertShare({ counts }: VerdictFacts, models: readonly string[], all: readonly string[]): number | null {
  const sumOf = (names: readonly string[], counted: 'failed' | 'answered', seconds: number) =>
    names.reduce((total, name) => total + counts.increase(counted, name, seconds), 0);
  const shareOf = (failed: number, seconds: number) =>
    failed / (sumOf(all, 'failed', seconds) + sumOf(all, 'answered', seconds));
  const short = sumOf(models, 'failed', ranges.short);
  if (holds(short, bounds.failures)) {
    const share = shareOf(short, ranges.short);
    if (holds(share, bounds.share)) return share;
  }
  const long = sumOf(models, 'failed', ranges.long);
  if (!holds(long, bounds.failures) || !holds(sumOf(models, 'failed', ranges.lately), bounds.lately)) return null;
  const share = shareOf(long, ranges.long);
  return holds(share, bounds.shareOfHour) ? share : null;
}

function failing(facts: VerdictFacts, model: string, share: number, provider: string | null): Symptom {
  const out = allLeftOut(facts, model);
  const noTarget = out === null ? '' : 'no target left, ';
  const causeAt = (blamed: string | null) => causeOfModel(facts, model, blamed);
  return {
    model,
    provider: causeAt(provider)?.owner === 'gateway' ? null : (provider ?? out?.[0]?.provider ?? null),
    sentence: (since, blamed) => {
      const what = hasNoModel(facts, model)
        ? `without a model, ${percent(share)} of all requests`
        : `${model}: ${noTarget}${percent(share)} of requests`;
      return `${what} fail ${since}${blame(blamed, causeAt(blamed))}`;
    },
    cure: (blamed) =>
      causeAt(blamed)?.cure ??
      (out === null ? cureOfErrors(hasNoModel(facts, model) ? 'MODEL' : model, blamed) : cureOfNoTarget(model, blamed)),
    fault: (blamed) => faultOf(blamed, causeAt(blamed)),
  };
}

/** Whose fault it is, and why. */
function blame(provider: string | null, cause: Cause | null): string {
  if (cause?.owner === 'gateway') return `, ${cause.words}`;
  if (provider === null) return '';
  return `, provider ${provider}${cause === null ? '' : ` ${cause.words}`}`;
}

function ended(facts: VerdictFacts, model: string, share: number): Symptom {
  return {
    model,
    provider: null,
    // The alert still fires, but nobody has to get up for what is over.
    severity: 'warn',
    sentence: (since, blamed) => {
      const who = blamed === null ? '' : `, provider ${blamed}`;
      const what = hasNoModel(facts, model) ? 'without a model' : model;
      return `${what}: requests failed ${since}, and hardly any now${who}`;
    },
    cure: () => `Nothing is to be done: ${percent(share)} failed lately, and the alert ends with that.`,
  };
}

function ofGateway(share: number): Symptom {
  return {
    model: null,
    provider: null,
    sentence: (since) => `${percent(share)} of requests fail ${since}, a few of several models`,
    cure: () => 'Run `headgate errors` to see which.',
  };
}

function cureOfErrors(model: string, provider: string | null): string {
  const page =
    provider === null ? 'Look at the last failures' : `Look at the last failures and at the status page of ${provider}`;
  return `${page}; \`headgate explain ${model}\` shows where its requests go.`;
}

/** In whole percent; all of them only where it is all. @param share above 0 */
function percent(share: number): string {
  if (share === 1) return '100 %';
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}
