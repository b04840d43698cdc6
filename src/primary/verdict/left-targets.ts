/** Which targets of a model can be used now. Pure. */
import type { CooldownReason } from '../../shared/events.ts';
import type { ToldCode } from './cause-words.ts';
import type { VerdictFacts } from './facts.ts';

/** A target that is left out. */
export interface LeftOut extends Why {
  readonly provider: string;
  /** The provider's name of the model. */
  readonly model: string;
}

interface Why {
  /** In a few words. */
  readonly why: string;
  /** The failure that it is left out for; null where that is not said: its circuit is open. */
  readonly code: ToldCode | null;
}

/** The targets of a model that are left out, if all are; null if one is left, or the model has none. */
export function allLeftOut(facts: VerdictFacts, model: string): readonly LeftOut[] | null {
  const targets = facts.models[model]?.targets ?? [];
  const out = targets.flatMap(({ provider, model: upstreamModel }) => {
    const why = whyOut(facts, provider, upstreamModel);
    return why === null ? [] : [{ provider, model: upstreamModel, ...why }];
  });
  return targets.length > 0 && out.length === targets.length ? out : null;
}

function whyOut({ targets, rests, credentials }: VerdictFacts, provider: string, model: string): Why | null {
  if (credentials.some((each) => each.provider === provider && each.secondsLeft === 0))
    return { why: 'no valid credentials', code: 'provider_credentials' };
  const circuit = targets.find((each) => each.provider === provider && each.model === model);
  if (circuit !== undefined && (circuit.barred || circuit.state !== 'closed'))
    return { why: 'its circuit is open', code: null };
  const rest = rests.find((each) => each.provider === provider && (each.model ?? model) === model);
  if (rest === undefined) return null;
  return whys[rest.reason];
}

const whys: Readonly<Record<CooldownReason, Why>> = {
  auth: { why: 'its key is refused', code: 'provider_auth' },
  model: { why: 'it does not serve the model', code: 'model_unavailable' },
  rate_limited: { why: 'it cools down', code: 'rate_limited' },
  quota: { why: 'it cools down', code: 'rate_limited' },
};

/** What the operator does where nothing is known but that. */
export function cureOfNoTarget(model: string, provider: string | null): string {
  const reset = provider === null ? '' : `, or reset ${provider} once it works again`;
  return `Give ${model} a target at another provider and reload${reset}.`;
}
