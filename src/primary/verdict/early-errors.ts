/**
 * What the verdict says of a model's requests before any alert does: that all of its last ones failed, however few, and that
 * its requests wait and none is answered. Pure. The bounds of the alert stay what they are; these are below them.
 */
import { alerts } from './alerts.ts';
import type { FailuresInARow, Symptom, VerdictFacts } from './facts.ts';

const { bounds, forSeconds } = alerts.HeadgateErrors;

export const early = {
  /** So many failures without an answer between them are told: one may be chance. */
  inARow: 2,
  /** For so long: with busy traffic the next answer ends a run of two sooner. In s. */
  inARowSeconds: 2,
  /**
   * As many waiting requests as the alert wants failures, for as long as it waits, since the first of them: then it is a page.
   * Models may think for long.
   */
  waiting: bounds.failures[1],
  waitingSeconds: forSeconds,
  /** Within which an answer shows that a model is not silent. In s. */
  answeredSeconds: 30,
} as const;

/** The failures of a model that have no answer between or behind them, if they are enough to be told. */
export function failuresInARow({ runs }: VerdictFacts, model: string): FailuresInARow | null {
  const run = runs.find((each) => each.model === model);
  return run !== undefined && run.failures >= early.inARow ? run : null;
}

/** Models for which requests wait, while none of their targets has given an answer or begun with one. */
export function silentModels({ silent, alive, counts }: VerdictFacts): string[] {
  const names = [...new Set(silent.map(({ model }) => model))];
  return names.filter((model) => !alive.has(model) && counts.increase('answered', model, early.answeredSeconds) === 0);
}

/** How long requests wait for silent providers, and how many. */
export function waitOf(silent: VerdictFacts['silent']): { requests: number; longestMs: number; words: string } {
  const requests = silent.reduce((sum, each) => sum + each.requests, 0);
  const longestMs = Math.max(...silent.map((each) => each.longestMs));
  const [wait, oldest] = requests === 1 ? ['1 request waits', 'by now'] : [`${requests} requests wait`, 'the first'];
  return { requests, longestMs, words: `${wait}, ${oldest} for ${Math.round(longestMs / 1000)} s` };
}

/** A model of which no target answers. */
export function silentModel({ silent, wallMs }: VerdictFacts, model: string): Symptom {
  const own = silent
    .filter((each) => each.model === model)
    .sort((one, other) => other.requests - one.requests || other.longestMs - one.longestMs);
  const providers = [...new Set(own.map(({ provider }) => provider))];
  const names = providers.join(' and ');
  const { requests, longestMs, words } = waitOf(own);
  const who = providers.length === 1 ? `provider ${names} answers` : `providers ${names} answer`;
  return {
    model,
    provider: providers[0] ?? null,
    ...{ isEarly: true, isSilence: true, severity: 'warn' },
    // Not only by the longest wait: clients may give up sooner, and others wait in their place.
    ...(requests >= early.waiting ? { pageAfterSeconds: early.waitingSeconds } : {}),
    sentence: (since) => `${model}: no answer ${since}, ${who} nothing: ${words}`,
    cure: () =>
      `Look at the status page of ${names}. If the model does not think for so long, give ${model} another target, first or by move_on, or shorten its timeouts, and reload.`,
    sinceMs: wallMs - longestMs,
    forSeconds: 0,
  };
}
