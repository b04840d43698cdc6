/** Which targets of a model can be used now. Pure. */
import type { VerdictFacts } from './facts.ts';

/** A target that is left out. */
interface LeftOut {
  readonly provider: string;
  /** In a few words. */
  readonly why: string;
}

/** Says nothing of the cause. */
export const CIRCUIT_OPEN = 'its circuit is open';

/** The targets of a model that are left out, if all are; null if one is left, or the model has none. */
export function allLeftOut(facts: VerdictFacts, model: string): readonly LeftOut[] | null {
  const targets = facts.models[model]?.targets ?? [];
  const out = targets.flatMap(({ provider, model: upstreamModel }) => {
    const why = whyOut(facts, provider, upstreamModel);
    return why === null ? [] : [{ provider, why }];
  });
  return targets.length > 0 && out.length === targets.length ? out : null;
}

function whyOut({ targets, rests, credentials }: VerdictFacts, provider: string, model: string): string | null {
  if (credentials.some((each) => each.provider === provider && each.secondsLeft === 0)) return 'no valid credentials';
  const circuit = targets.find((each) => each.provider === provider && each.model === model);
  if (circuit !== undefined && (circuit.barred || circuit.state !== 'closed')) return CIRCUIT_OPEN;
  const rest = rests.find((each) => each.provider === provider && (each.model ?? model) === model);
  if (rest === undefined) return null;
  return rest.reason === 'auth'
    ? 'its key is refused'
    : rest.reason === 'model'
      ? 'it does not serve the model'
      : 'it cools down';
}
