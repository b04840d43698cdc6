/**
 * The rules of requests that fail and of models that have no target left. Pure.
 *
 * They are quicker than their alerts, and say for which model. Errors are judged by each model, and for the whole gateway
 * as the alert does; and five failures and more than 5 % within the last minute are told at once: the alert waits for a
 * minute so as to wake nobody for a moment, but whoever looks wants to know. What the alert still says after the last
 * failure is told too, as what has ended. A model without a usable target is told after five seconds, also while nobody
 * asks for it: its next request fails.
 */
import { alerts, holds } from './alerts.ts';
import type { Cause } from './cause-words.ts';
import { causeBy, causeOf, causeOfModel } from './causes.ts';
import type { RecentFailures, Rule, Symptom, VerdictFacts } from './facts.ts';
import { faultOf } from './fault-of.ts';
import { allLeftOut, cureOfNoTarget, type LeftOut } from './left-targets.ts';

const { bounds, ranges } = alerts.HeadgateErrors;
const NO_TARGET_SECONDS = 5;

/** HeadgateErrors. */
export const judgeErrors: Rule = (facts) => {
  const names = [...new Set([...facts.counts.names('failed'), ...facts.recent.map(({ model }) => model)])];
  const found = names.flatMap((model) => {
    const recent = facts.recent.find((each) => each.model === model) ?? null;
    return judgeModel(facts, model, recent) ?? [];
  });
  const symptoms = found.sort((one, other) => other.worth - one.worth).map(({ symptom }) => symptom);
  // As the alert has it, and told where no model is: many may have a few failures each.
  const share = alertShare(facts, [...new Set([...names, ...facts.counts.names('answered')])]);
  return share === null ? symptoms : [...symptoms, ofGateway(share)];
};

interface Judged {
  readonly symptom: Symptom;
  /** What fails now before what has ended, then by share. */
  readonly worth: number;
}

function judgeModel(facts: VerdictFacts, model: string, recent: RecentFailures | null): Judged | null {
  const shareNow = recent === null ? 0 : recent.failed / (recent.failed + recent.answered);
  const isFailing = recent !== null && !recent.isOver && holds(shareNow, bounds.share);
  if (isFailing && holds(recent.failed, bounds.failures)) {
    const symptom = failing(facts, model, shareNow, recent.provider);
    return { symptom: { ...symptom, sinceMs: recent.sinceMs, forSeconds: 0 }, worth: 1 + shareNow };
  }
  const share = alertShare(facts, [model]);
  if (share === null) return null;
  if (isFailing || (recent === null && !facts.knowsLastMinute)) {
    return { symptom: failing(facts, model, share, recent?.provider ?? null), worth: 1 + share };
  }
  return { symptom: ended(model, share), worth: share };
}

/** The share by which the alert fires for these models together; null if it does not. */
function alertShare({ counts }: VerdictFacts, models: readonly string[]): number | null {
  const sum = (counted: 'failed' | 'answered', seconds: number) =>
    models.reduce((total, model) => total + counts.increase(counted, model, seconds), 0);
  const shareOf = (failed: number, seconds: number) => failed / (failed + sum('answered', seconds));
  const short = sum('failed', ranges.short);
  if (holds(short, bounds.failures)) {
    const share = shareOf(short, ranges.short);
    if (holds(share, bounds.share)) return share;
  }
  const long = sum('failed', ranges.long);
  if (!holds(long, bounds.failures) || !holds(sum('failed', ranges.lately), bounds.lately)) return null;
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
      return `${model}: ${noTarget}${percent(share)} of requests fail ${since}${blame(blamed, causeAt(blamed))}`;
    },
    cure: (blamed) =>
      causeAt(blamed)?.cure ?? (out === null ? cureOfErrors(model, blamed) : cureOfNoTarget(model, blamed)),
    fault: (blamed) => faultOf(blamed, causeAt(blamed)),
  };
}

/** Whose fault it is, and why. */
function blame(provider: string | null, cause: Cause | null): string {
  if (cause?.owner === 'gateway') return `, ${cause.words}`;
  if (provider === null) return '';
  return `, provider ${provider}${cause === null ? '' : ` ${cause.words}`}`;
}

function ended(model: string, share: number): Symptom {
  return {
    model,
    provider: null,
    // The alert still fires, but nobody has to get up for what is over.
    severity: 'warn',
    sentence: (since, blamed) => {
      const who = blamed === null ? '' : `, provider ${blamed}`;
      return `${model}: requests failed ${since}, and hardly any now${who}`;
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

/** HeadgateNoTarget. */
export const judgeNoTarget: Rule = (facts) => {
  const lacking = Object.keys(facts.models).flatMap((model) => noTargetOf(facts, model) ?? []);
  const { bounds: limits, ranges: windows } = alerts.HeadgateNoTarget;
  const perSecond = facts.counts.increase('rejected', 'no_target', windows.rejected) / windows.rejected;
  if (!holds(perSecond, limits.perSecond)) return lacking;
  return [
    ...lacking,
    {
      model: null,
      provider: null,
      sentence: (since) => `requests find no target ${since}`,
      cure: () => 'Run `headgate explain MODEL` for the models that fail, and give them a target at another provider.',
    },
  ];
};

function noTargetOf(facts: VerdictFacts, model: string): Symptom | null {
  const out = allLeftOut(facts, model);
  if (out === null) return null;
  const [first] = out;
  return {
    model,
    provider: first?.provider ?? null,
    sentence: (since) => {
      const whys = out.map((each) => {
        const words = each.code === null ? causeAt(facts, model, each)?.words : undefined;
        return words === undefined ? `${each.provider}: ${each.why}` : `${each.provider} ${words}`;
      });
      return `${model}: no target left ${since}, ${whys.join(', ')}`;
    },
    cure: (provider) => (first && causeAt(facts, model, first)?.cure) ?? cureOfNoTarget(model, provider),
    forSeconds: NO_TARGET_SECONDS,
  };
}

function causeAt(facts: VerdictFacts, model: string, { provider, code }: LeftOut): Cause | null {
  return code === null ? causeOf(facts, provider, { model }) : causeBy(facts, provider, code);
}

/** In whole percent; all of them only where it is all. @param share above 0 */
function percent(share: number): string {
  if (share === 1) return '100 %';
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}
