/**
 * The rule of requests that fail. Pure.
 *
 * It is quicker than its alert, and says for which model. Errors are judged by each model, and for the whole gateway
 * as the alert does; and five failures and more than 5 % within the last minute are told at once: the alert waits for a
 * minute so as to wake nobody for a moment, but whoever looks wants to know. What the alert still says after the last
 * failure is told too, as what has ended. What is told below the alert's bounds is in `early-errors.ts`.
 */
import { alertShare } from './alert-share.ts';
import { alerts, holds } from './alerts.ts';
import type { Cause } from './cause-words.ts';
import { causeOfModel } from './causes.ts';
import { early, failuresInARow, silentModel, silentModels } from './early-errors.ts';
import type { FailuresInARow, RecentFailures, Rule, Symptom, VerdictFacts } from './facts.ts';
import { faultOf } from './fault-of.ts';
import { allLeftOut, cureOfNoTarget } from './left-targets.ts';

const { bounds } = alerts.HeadgateErrors;

/** HeadgateErrors. */
export const judgeErrors: Rule = (facts) => {
  const silent = silentModels(facts);
  const seen = [...facts.recent, ...facts.runs].map(({ model }) => model);
  const names = [...new Set([...facts.counts.names('failed'), ...seen, ...silent])];
  const found = names.flatMap((model) => {
    const recent = facts.recent.find((each) => each.model === model) ?? null;
    const failures = judgeModel(facts, model, recent);
    return silent.includes(model) ? withSilence(facts, model, failures) : (failures ?? []);
  });
  const symptoms = found.sort((one, other) => other.worth - one.worth).map(({ symptom }) => symptom);
  // As the alert has it, and told where no model is: many may have a few failures each.
  const alert = alertShare(facts, allNames(facts), allNames(facts));
  return alert === null ? symptoms : [...symptoms, { ...ofGateway(alert.share), sinceMs: alert.sinceMs }];
};

interface Judged {
  readonly symptom: Symptom;
  /** What fails now before what has ended, then by share. */
  readonly worth: number;
}

/** What is told of a model for which requests wait: not twice that all is wrong, but also what has ended before. */
function withSilence(facts: VerdictFacts, model: string, failures: Judged | null): Judged[] {
  const silence = { symptom: silentModel(facts, model), worth: 2 };
  if (failures === null) return [silence];
  const { severity, isEarly, forSeconds } = failures.symptom;
  if (severity !== 'warn' && forSeconds === 0) return [failures];
  // Those that are not told yet hide nothing.
  if (isEarly !== true) return [silence, failures];
  return silence.symptom.pageAfterSeconds === undefined ? [failures] : [silence];
}

function judgeModel(facts: VerdictFacts, model: string, recent: RecentFailures | null): Judged | null {
  const shareNow = recent === null ? 0 : recent.failed / requestsOf(facts, recent);
  const run = hasNoModel(facts, model) ? null : failuresInARow(facts, model);
  const isFailing = recent !== null && !recent.isOver && holds(shareNow, bounds.share);
  if (isFailing && holds(recent.failed, bounds.failures)) {
    const share = hasNoModel(facts, model) ? shareNow : recent.failed / (recent.failed + recent.answeredSince);
    const symptom = failing(facts, model, { share, provider: recent.provider });
    return { symptom: { ...symptom, sinceMs: recent.sinceMs, forSeconds: 0 }, worth: 1 + shareNow };
  }
  const alert = alertShare(facts, [model], hasNoModel(facts, model) ? allNames(facts) : [model]);
  if (alert === null) return run === null ? null : { symptom: failingInARow(facts, model, run), worth: 1 };
  const { share, sinceMs } = alert;
  // Earlier answers are a part of the alert's share, and none of those since the first failure.
  if (run !== null && run.failures >= alert.failed) {
    const symptom = failing(facts, model, { share: 1, provider: run.provider });
    return { symptom: { ...symptom, sinceMs: run.sinceMs }, worth: 2 };
  }
  // Of a new primary's minute it may be known that there was an answer.
  const isUnknown = recent === null && !facts.knowsLastMinute && !facts.alive.has(model);
  if (isFailing || isUnknown || run !== null) {
    const provider = recent?.provider ?? run?.provider ?? null;
    const symptom = failing(facts, model, { share, provider, verb: isUnknown ? 'failed' : 'fail' });
    return { symptom: { ...symptom, sinceMs }, worth: 1 + share };
  }
  return { symptom: { ...ended(facts, model, share), sinceMs }, worth: share };
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

/** What is said of requests that fail. */
interface Failing {
  readonly share: number;
  /** Who failed most. */
  readonly provider: string | null;
  readonly verb?: 'fail' | 'failed';
}

function failing(facts: VerdictFacts, model: string, { share, provider, verb = 'fail' }: Failing): Symptom {
  const requests = `${percent(share)} of`;
  return failingAs(facts, model, provider, (noTarget) =>
    hasNoModel(facts, model)
      ? `without a model, ${requests} all requests ${verb}`
      : `${model}: ${noTarget}${requests} requests ${verb}`,
  );
}

/** Below the bounds of the alert. */
function failingInARow(facts: VerdictFacts, model: string, { failures, sinceMs, provider }: FailuresInARow): Symptom {
  const words = `all of the last ${failures} requests failed`;
  return {
    ...failingAs(facts, model, provider, (noTarget) => `${model}: ${noTarget}${words}`),
    ...{ severity: 'warn', isEarly: true, sinceMs, forSeconds: early.inARowSeconds },
  };
}

function failingAs(
  facts: VerdictFacts,
  model: string,
  provider: string | null,
  what: (noTarget: string) => string,
): Symptom {
  const out = allLeftOut(facts, model);
  const causeAt = (blamed: string | null) => causeOfModel(facts, model, blamed);
  return {
    model,
    provider: causeAt(provider)?.owner === 'gateway' ? null : (provider ?? out?.[0]?.provider ?? null),
    sentence: (since, blamed) =>
      `${what(out === null ? '' : 'no target left, ')} ${since}${blame(blamed, causeAt(blamed))}`,
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
