/** Reads a page repeatedly and collects how it was answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../load/percentile.ts';

interface Probes {
  readonly answered: number;
  /** Other results than a 200: the statuses and errors. */
  readonly refused: readonly string[];
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** Reads `url` every `everyMs` until the returned function is called, which resolves with the result. */
export function probe(url: string, everyMs: number): () => Promise<Probes> {
  const times: number[] = [];
  const refused: string[] = [];
  let going = true;
  const probing = (async () => {
    while (going) {
      const beganAt = performance.now();
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
        await answer.arrayBuffer();
        if (!answer.ok) refused.push(String(answer.status));
      } catch (error) {
        refused.push(String(error));
      }
      times.push(performance.now() - beganAt);
      await pause(everyMs);
    }
  })();
  return async () => {
    going = false;
    await probing;
    return {
      answered: times.length - refused.length,
      refused,
      medianMs: percentile(times, 0.5),
      slowestMs: Math.max(...times),
    };
  };
}
