/** What rules of providers have in common. Pure. */
import type { Symptom, VerdictFacts } from './facts.ts';

/** What it is of: a provider, whichever model is asked. */
export function of(provider: string): Pick<Symptom, 'model' | 'provider'> {
  return { model: null, provider };
}

/** Those of which something was counted, and is wrong. */
export function providersWhere(
  { counts }: VerdictFacts,
  counted: Parameters<VerdictFacts['counts']['names']>[0],
  isWrong: (provider: string) => boolean,
): string[] {
  return counts.names(counted).filter(isWrong);
}
