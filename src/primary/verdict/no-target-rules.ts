/**
 * The rules of models that have no target left. Pure. A model without a usable target is told after five seconds, also while
 * nobody asks for it: its next request fails.
 */
import { STEP_MS } from '../history/steps.ts';
import { alerts, holds } from './alerts.ts';
import type { Cause } from './cause-words.ts';
import { causeBy, causeOf } from './causes.ts';
import type { Rule, Symptom, VerdictFacts } from './facts.ts';
import { allLeftOut, cureOfNoTarget, type LeftOut } from './left-targets.ts';

const NO_TARGET_SECONDS = 5;

/** Within which a refused request shows that it goes on. */
const LATELY_SECONDS = 30;

/** HeadgateNoTarget. */
export const judgeNoTarget: Rule = (facts) => {
  const lacking = Object.keys(facts.models).flatMap((model) => noTargetOf(facts, model) ?? []);
  const { bounds: limits, ranges: windows } = alerts.HeadgateNoTarget;
  const perSecond = facts.counts.increase('rejected', 'no_target', windows.rejected) / windows.rejected;
  if (!holds(perSecond, limits.perSecond)) return lacking;
  const goesOn = facts.counts.increase('rejected', 'no_target', LATELY_SECONDS) > 0;
  const stepsAgo = facts.counts.firstGrown('rejected', 'no_target', windows.rejected) ?? 0;
  const sinceMs = facts.wallMs - stepsAgo * STEP_MS;
  return [...lacking, { model: null, provider: null, ...(goesOn ? found : hadFound), sinceMs }];
};

const found: Pick<Symptom, 'sentence' | 'cure'> = {
  sentence: (since) => `requests find no target ${since}`,
  cure: () => 'Run `headgate explain MODEL` for the models that fail, and give them a target at another provider.',
};

/** The alert still fires. */
const hadFound: typeof found = {
  sentence: (since) => `requests found no target ${since}, and none is refused now`,
  cure: () => 'Nothing is to be done: the alert ends five minutes after the last one.',
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
