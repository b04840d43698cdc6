/** The rules of how long a provider takes: timeouts, slow streams, and requests that wait without a word. Pure. */
import { endOf } from './alert-totals.ts';
import { alerts, holds } from './alerts.ts';
import { silentModels, waitOf } from './early-errors.ts';
import type { Rule, Symptom, VerdictFacts } from './facts.ts';
import { of, providersWhere } from './of-provider.ts';

/** Within which an answer of a provider shows that it is not silent. */
const SILENT_SECONDS = 30;

/** Requests have waited long enough when this is known. */
const AT_ONCE = 0;

/** HeadgateProviderTimesOut. */
export const judgeTimeouts: Rule = (facts) => {
  const silent = silentProviders(facts);
  const late = lateProviders(facts).filter(({ provider }) => silent.every((each) => each.provider !== provider));
  return [...silent, ...late];
};

/**
 * Sooner than the alert, which hears of a timeout only when it is over: requests wait, and nobody has got an answer of the
 * provider for a minute. Models that no target answers are told by themselves (`silentModel`).
 */
function silentProviders(facts: VerdictFacts): Symptom[] {
  const { counts, wallMs } = facts;
  const told = new Set(silentModels(facts));
  const silent = facts.silent.filter(({ model }) => !told.has(model));
  const names = [...new Set(silent.map(({ provider }) => provider))];
  return names.flatMap((provider) => {
    if (counts.increase('ended', endOf(provider, 'success'), SILENT_SECONDS) > 0) return [];
    const { longestMs, words } = waitOf(silent.filter((each) => each.provider === provider));
    return [
      {
        ...of(provider),
        sentence: (since: string) => `${provider} answers nothing ${since}: ${words}`,
        cure: () =>
          `Look at the status page of ${provider}. If its models do not think for so long, put another target before it, or shorten move_on of the model, and reload.`,
        sinceMs: wallMs - longestMs,
        forSeconds: AT_ONCE,
      },
    ];
  });
}

function lateProviders(facts: VerdictFacts): Symptom[] {
  const { bounds, ranges } = alerts.HeadgateProviderTimesOut;
  return providersWhere(facts, 'late', (provider) => {
    const late = facts.counts.increase('late', provider, ranges.attempts);
    const share = late / facts.counts.increase('attempts', provider, ranges.attempts);
    return holds(late, bounds.attempts) && holds(share, bounds.share);
  }).map((provider) => ({
    ...of(provider),
    sentence: (since) => `more than a tenth of the attempts at ${provider} exceed a timeout ${since}`,
    cure: () =>
      `Put another target before ${provider}, or raise its timeouts if its answers are only long, and reload.`,
  }));
}

/** HeadgateProviderSlow: the median is above a bound of the buckets where more than half lie above it. */
export const judgeSlowProviders: Rule = (facts) => {
  const { bounds, ranges } = alerts.HeadgateProviderSlow;
  return providersWhere(facts, 'slow', (provider) => {
    const streams = facts.counts.increase('streams', provider, ranges.streams);
    const slow = facts.counts.increase('slow', provider, ranges.streams);
    return holds(streams, bounds.streams) && slow > streams / 2;
  }).map((provider) => ({
    ...of(provider),
    sentence: (since) => `half of the streams of ${provider} wait longer than 15 s for their first content ${since}`,
    cure: () => `Look at the status page of ${provider}; a shorter timeouts.first_content moves on sooner.`,
  }));
};
