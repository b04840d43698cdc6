/**
 * Why targets were left out of a request: in words for its client, in a short form for the log and the last failures, and
 * with what the operator does about each. Names of the configuration, words of a closed list and numbers only. Pure.
 */
import type { CooldownReason } from './events.ts';

/** `circuit`: open; `probe`: open still, and another request tries it just now; else why it cools down. */
export type LeftOutReason = 'circuit' | 'probe' | CooldownReason;

/** A provider with a target that was left out. */
export interface LeftOut {
  readonly provider: string;
  readonly reason: LeftOutReason;
  /** Until the reason ends by itself, or is tried anew. */
  readonly remainingMs: number;
}

interface Words {
  /** As in the log. */
  readonly short: string;
  readonly told: (seconds: number) => string;
  readonly cure: (provider: string) => string;
}

const cureOfCircuit = (provider: string) =>
  `look at the failures before this one for the reason; its circuit closes by itself, or by \`headgate circuit reset ${provider}\``;

const reasons: Readonly<Record<LeftOutReason, Words>> = {
  circuit: {
    short: 'circuit-open',
    told: (seconds) => `circuit open for ${seconds} s more`,
    cure: cureOfCircuit,
  },
  probe: { short: 'circuit-probed', told: () => 'circuit open, and being tried just now', cure: cureOfCircuit },
  rate_limited: {
    short: 'rate-limited',
    told: (seconds) => `limits the rate, for ${seconds} s more`,
    cure: () => 'ask for a higher limit, or give the model another key or target',
  },
  quota: {
    short: 'no-quota',
    told: (seconds) => `quota or credit exhausted, asked again in ${seconds} s`,
    cure: () => 'add credit or raise its quota, or give the model another key or target',
  },
  auth: {
    short: 'key-refused',
    told: (seconds) => `refuses the gateway's key, asked again in ${seconds} s`,
    cure: () =>
      'check its key in the configuration, then reload (stop and start, if it is in the environment): `headgate check --live` tries it',
  },
  model: {
    short: 'no-such-model',
    told: () => 'does not serve the configured model',
    cure: (provider) => `correct the target's model: \`headgate models ${provider}\` lists those that it serves`,
  },
};

const byShort = new Map(Object.values(reasons).map((words) => [words.short, words]));

/** Those that no time heals: the operator has to act. */
const lasting: ReadonlySet<string> = new Set([reasons.auth.short, reasons.model.short]);

/** For people: `openai (circuit open for 12 s more), anthropic (refuses the gateway's key, asked again in 40 s)`. */
export function leftOutInWords(all: readonly LeftOut[]): string {
  return soonestOfEach(all)
    .map(({ provider, reason, remainingMs }) => `${provider} (${reasons[reason].told(wholeSeconds(remainingMs))})`)
    .join(', ');
}

/** For the log: `openai=circuit-open(12s), anthropic=key-refused(40s)`. */
export function leftOutText(all: readonly LeftOut[]): string {
  return soonestOfEach(all)
    .map(({ provider, reason, remainingMs }) => `${provider}=${reasons[reason].short}(${wholeSeconds(remainingMs)}s)`)
    .join(', ');
}

/**
 * What the operator does about each of a text for the log; null where it names none.
 *
 * @param isAll false: only about those that stay so until somebody acts
 */
export function leftOutCure(text: string, isAll: boolean): string | null {
  const cures = partsOf(text).flatMap(({ provider, short }) => {
    const words = isAll || lasting.has(short) ? byShort.get(short) : undefined;
    return words === undefined ? [] : [`${provider}: ${words.cure(provider)}`];
  });
  return cures.length === 0 ? null : `${cures.join('; ')}.`;
}

/** The providers of a text for the log, each once. */
export function leftOutProviders(text: string): string[] {
  return [...new Set(partsOf(text).map(({ provider }) => provider))];
}

function partsOf(text: string) {
  return text.split(', ').flatMap((part) => {
    const [, provider, short] = /^(.+)=([a-z-]+)\(\d+s\)$/.exec(part) ?? [];
    return provider === undefined || short === undefined ? [] : [{ provider, short }];
  });
}

/** A provider with several targets is named once for each reason, with the shortest time. */
function soonestOfEach(all: readonly LeftOut[]): LeftOut[] {
  const found = new Map<string, LeftOut>();
  for (const each of all) {
    const key = `${each.provider}\n${each.reason}`;
    const known = found.get(key);
    if (known === undefined || each.remainingMs < known.remainingMs) found.set(key, each);
  }
  return [...found.values()];
}

function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}
