/** The rules of what a provider does: its circuits, keys, credentials, models and times. Pure. */
import { endOf } from './alert-totals.ts';
import { alerts, holds } from './alerts.ts';
import { causeOf } from './causes.ts';
import type { Rule, Symptom, VerdictFacts } from './facts.ts';

/** Within which answers without a refusal show that it is over. */
const AGAIN_SECONDS = 30;

/** Within which an answer of a provider shows that it is not silent. */
const SILENT_SECONDS = 30;

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

/** HeadgateProviderTimesOut. */
export const judgeTimeouts: Rule = (facts) => {
  const silent = silentProviders(facts);
  const late = lateProviders(facts).filter(({ provider }) => silent.every((each) => each.provider !== provider));
  return [...silent, ...late];
};

/**
 * Sooner than the alert, which hears of a timeout only when it is over: requests wait, and nobody has got an answer of the
 * provider for a minute.
 */
function silentProviders({ silent, counts, wallMs }: VerdictFacts): Symptom[] {
  const names = [...new Set(silent.map(({ provider }) => provider))];
  return names.flatMap((provider) => {
    if (counts.increase('ended', endOf(provider, 'success'), SILENT_SECONDS) > 0) return [];
    const own = silent.filter((each) => each.provider === provider);
    const requests = own.reduce((sum, each) => sum + each.requests, 0);
    const longestMs = Math.max(...own.map((each) => each.longestMs));
    const [wait, oldest] = requests === 1 ? ['1 request waits', 'by now'] : [`${requests} requests wait`, 'the first'];
    return [
      {
        ...of(provider),
        sentence: (since: string) =>
          `${provider} answers nothing ${since}: ${wait}, ${oldest} for ${Math.round(longestMs / 1000)} s`,
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
