/** The rules of what a provider refuses, lacks or fails at: its circuits, keys, credentials and models. Pure. */
import { endOf } from './alert-totals.ts';
import { alerts, holds } from './alerts.ts';
import type { Cause, ToldCode } from './cause-words.ts';
import { causeBy, causeOf } from './causes.ts';
import type { Rule, Symptom, VerdictFacts } from './facts.ts';
import { faultOf } from './fault-of.ts';
import { allLeftOut, cureOfNoTarget } from './left-targets.ts';
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
  ).map((provider) => {
    if (answersAgain(facts, 'refused', provider)) {
      return {
        ...of(provider),
        severity: 'warn',
        sentence: (since) => `${provider} refused the gateway's key ${since}, and answers again`,
        cure: () => 'Nothing is to be done: the alert ends ten minutes after the last refusal.',
      };
    }
    return { ...of(provider), ...asCause(facts, provider, 'provider_auth') };
  });
};

/** A fault of a provider, told as where requests fail for it. */
function asCause(facts: VerdictFacts, provider: string, code: ToldCode): Pick<Symptom, 'sentence' | 'cure' | 'fault'> {
  const cause = causeBy(facts, provider, code);
  return {
    sentence: (since) => `${provider} ${cause.words} ${since}`,
    cure: () => cause.cure,
    fault: () => faultOf(provider, cause),
  };
}

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
    fault: () => faultOf(provider, { code: 'provider_credentials' }),
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
      cure: () => cureOfCircuit(facts, provider, causeOf(facts, provider)),
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
      cure: () => cureOfCircuit(facts, provider, causeOf(facts, provider, { upstreamModel: model }), model),
      forSeconds: AT_ONCE,
    }));

/** Waiting helps where requests go elsewhere meanwhile, and where no setting is wrong. */
function cureOfCircuit(facts: VerdictFacts, provider: string, cause: Cause | null, upstreamModel?: string): string {
  const stuck = Object.keys(facts.models).find((model) =>
    allLeftOut(facts, model)?.some((out) => out.provider === provider && out.model === (upstreamModel ?? out.model)),
  );
  if (cause !== null && (stuck !== undefined || cause.owner === 'setting')) return cause.cure;
  if (stuck !== undefined) return cureOfNoTarget(stuck, provider);
  return `Nothing, if others have room: it is probed by itself; reset ${provider} to try it now.`;
}

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
      cure: () => causeBy(facts, provider, 'model_unavailable').cure,
      ...(models.length === 1 ? { fault: () => faultOf(provider, { code: 'model_unavailable' }) } : {}),
    };
  });
};
