/** Providers for which open requests wait without a word of an answer. Pure. */
import type { SilentProvider } from '../../shared/ipc.ts';

/** Less is no silence: models think, and first contents take some seconds anyway. */
const LONG_MS = 30_000;

interface Waiting {
  readonly silence: { readonly provider: string; readonly ms: number } | null;
}

/** Asked for once a second, of all open requests. */
export function silentProviders(open: Iterable<Waiting>): SilentProvider[] {
  const found = new Map<string, { provider: string; requests: number; longestMs: number }>();
  for (const { silence } of open) {
    if (silence === null || silence.ms < LONG_MS) continue;
    const { provider, ms } = silence;
    const known = found.get(provider) ?? { provider, requests: 0, longestMs: 0 };
    known.requests += 1;
    known.longestMs = Math.max(known.longestMs, Math.round(ms));
    found.set(provider, known);
  }
  return [...found.values()];
}
