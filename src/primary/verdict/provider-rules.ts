/** The rules of what a provider refuses, lacks or fails at: its circuits, keys, credentials and models. Pure. */
import { endOf } from './alert-totals.ts';
import { alerts, holds } from './alerts.ts';
import { causeOf } from './causes.ts';
import type { Rule, VerdictFacts } from './facts.ts';
import { of, providersWhere } from './of-provider.ts';

/** Within which answers without a refusal show that it is over. */
const AGAIN_SECONDS = 30;

/** Open circuits are told at once: that wakes nobody, and whoever looks sees them anyway. */
const AT_ONCE = 0;

/** HeadgateProviderRefusesKey. */
export const judgeRefusedKeys: Rule = (facts) => {
  const { bounds, ranges } = alerts.HeadgateProviderRefusesKey;
  return providersWhere(facts, 'refused', (provider) =>
    holds(facts.counts.increase('refused', provider, ranges.attempts), bounds.attempts),
  ).map((provider) => ({
    ...of(provider),
    ...(answersAgain(facts, 'refused', provider)
      ? {
          severity: 'warn' as const,
          sentence: (since: string) => `${provider} refused the gateway's API key ${since}, and answers again`,
          cure: () => 'Nothing is to be done: the alert ends ten minutes after the last refusal.',
        }
      : {
          sentence: (since: string) => `${provider} refuses the gateway's API key ${since}`,
          cure: () => 'Correct the key in the configuration and reload; `headgate check --live` tries every key.',
        }),
  }));
};

/** Whether what was wrong is over, though its alert still fires: an answer has come since, and it has not been seen again. */
function answersAgain({ counts }: VerdictFacts, wrong: 'refused' | 'lacking', provider: string): boolean {
  const isSeen = counts.increase(wrong, provider, AGAIN_SECONDS) > 0;
  return !isSeen && counts.increase('ended', endOf(provider, 'success'), AGAIN_SECONDS) > 0;
}

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
    if (models.length === 0 && answersAgain(facts, 'lacking', provider)) {
      return {
        ...of(provider),
        sentence: (since) => `${provider} did not serve ${which} ${since}, and answers again`,
        cure: () => 'Nothing is to be done: the alert ends ten minutes after the last refusal.',
      };
    }
    return {
      ...of(provider),
      sentence: (since) => `${provider} does not serve ${which} ${since}`,
      cure: () =>
        `Correct the target's model in the configuration and reload; \`headgate models ${provider}\` lists them.`,
    };
  });
};
