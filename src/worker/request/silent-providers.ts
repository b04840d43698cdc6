/** Providers for which open requests of a model wait without a word of an answer. Pure. */
import type { SilentProvider } from '../../shared/ipc.ts';

/** Less is no silence: models think, and first contents take some seconds anyway. */
const LONG_MS = 30_000;

/** For whom a request waits, and how long it has. */
export interface Silence {
  readonly provider: string;
  /** As clients name it: a name of the configuration, or `other`. */
  readonly model: string;
  readonly ms: number;
}

/** Asked for once a second, of all open requests. */
export function silentProviders(open: Iterable<{ readonly silence: Silence | null }>): SilentProvider[] {
  const found = new Map<string, { provider: string; model: string; requests: number; longestMs: number }>();
  for (const { silence } of open) {
    if (silence === null || silence.ms < LONG_MS) continue;
    const { provider, model, ms } = silence;
    const key = `${provider}\n${model}`;
    const known = found.get(key) ?? { provider, model, requests: 0, longestMs: 0 };
    known.requests += 1;
    known.longestMs = Math.max(known.longestMs, Math.round(ms));
    found.set(key, known);
  }
  return [...found.values()];
}
