/** The rules of what a provider does: its circuits, keys, credentials, models and times. Pure. */
import { alerts, holds } from './alerts.ts';
import { causeOf } from './causes.ts';
import type { Rule, Symptom, VerdictFacts } from './facts.ts';

/** Open circuits are told at once: that wakes nobody, and whoever looks sees them anyway. */
const AT_ONCE = 0;

/** HeadgateProviderRefusesKey. */
export const judgeRefusedKeys: Rule = (facts) => {
  const { bounds, ranges } = alerts.HeadgateProviderRefusesKey;
  return providersWhere(facts, 'refused', (provider) =>
    holds(facts.counts.increase('refused', provider, ranges.attempts), bounds.attempts),
  ).map((provider) => ({
    ...of(provider),
    sentence: (since) => `${provider} refuses the gateway's API key ${since}`,
    cure: () => 'Correct the key in the configuration and reload; `headgate check --live` tries every key.',
  }));
};

/** HeadgateCredentialsEnd. */
export const judgeCredentials: Rule = ({ credentials, counts }) => {
  const { bounds, ranges } = alerts.HeadgateCredentialsEnd;
  const ending = credentials.filter(({ provider, secondsLeft }) => {
    const failures = counts.increase('unfetched', provider, ranges.failures);
    return secondsLeft !== null && holds(secondsLeft, bounds.secondsLeft) && holds(failures, bounds.failures);
  });
  return ending.map(({ provider, secondsLeft }) => ({
    ...of(provider),
    sentence: (since) => {
      return `the credentials of ${provider} ${secondsLeft === 0 ? 'have ended' : 'are ending'}, and cannot be fetched ${since}`;
    },
    cure: () => 'Read in `headgate status` why they cannot be fetched: they are tried again each minute.',
  }));
};

/** HeadgateCircuitOpen. */
export const judgeCircuits: Rule = (facts) =>
  facts.circuits
    .filter(({ state }) => state !== 'closed')
    .map(({ provider }) => ({
      ...of(provider),
      sentence: (since) =>
        `${provider} ${causeOf(facts, provider)?.words ?? 'fails'}: its circuit has been open ${since}`,
      cure: () => `Nothing, if others have room: it is probed by itself; reset ${provider} to try it now.`,
      forSeconds: AT_ONCE,
    }));

/** HeadgateTargetCircuitOpen: not of a provider whose own circuit is told. */
export const judgeTargetCircuits: Rule = (facts) =>
  facts.targets
    .filter(({ provider, state }) => {
      return (
        state !== 'closed' && facts.circuits.every((each) => each.provider !== provider || each.state === 'closed')
      );
    })
    .map(({ provider, model }) => ({
      model,
      provider,
      sentence: (since) =>
        `${provider} ${causeOf(facts, provider, { upstreamModel: model })?.words ?? 'fails'} for ${model}: the circuit has been open ${since}, its other models work`,
      cure: () => `Nothing, if others have room: it is probed by itself; reset ${provider} to try it now.`,
      forSeconds: AT_ONCE,
    }));

/** HeadgateModelUnavailable. */
export const judgeUnavailableModels: Rule = (facts) => {
  const { bounds, ranges } = alerts.HeadgateModelUnavailable;
  return providersWhere(facts, 'lacking', (provider) =>
    holds(facts.counts.increase('lacking', provider, ranges.attempts), bounds.attempts),
  ).map((provider) => {
    const models = facts.rests.filter(
      (rest) => rest.provider === provider && rest.reason === 'model' && rest.model !== null,
    );
    const which = models.length === 0 ? 'a configured model' : models.map(({ model }) => model).join(', ');
    return {
      ...of(provider),
      sentence: (since) => `${provider} does not serve ${which} ${since}`,
      cure: () =>
        `Correct the target's model in the configuration and reload; \`headgate models ${provider}\` lists them.`,
    };
  });
};

/** HeadgateProviderTimesOut. */
export const judgeTimeouts: Rule = (facts) => {
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
};

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

function of(provider: string): Pick<Symptom, 'model' | 'provider'> {
  return { model: null, provider };
}

function providersWhere(
  { counts }: VerdictFacts,
  counted: Parameters<VerdictFacts['counts']['names']>[0],
  isWrong: (provider: string) => boolean,
): string[] {
  return counts.names(counted).filter(isWrong);
}
