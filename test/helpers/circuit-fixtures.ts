/** A small configuration and events for tests of circuits; each takes what it is told and fills the rest. */

import type { AttemptVerdict } from '../../src/shared/circuits/circuit.ts';
import type { Config, ProviderConfig } from '../../src/shared/config.ts';
import type { AttemptEnded, CooldownStarted } from '../../src/shared/events.ts';
import { testConfig } from './test-config.ts';

const base = testConfig({ openai: 1 });

/** No jitter: an opening lasts exactly as long as the options say. */
export const MIDDLE = 0.5;

/** A provider of that name, reached like no other. */
export function providerConfig(name: string, given: Partial<ProviderConfig> = {}): ProviderConfig {
  const { openai } = base.providers;
  if (openai === undefined) throw new Error('the fixture lacks its provider');
  return { ...openai, name, baseUrl: `http://127.0.0.1:1/${name}`, ...given };
}

/** Every provider is a target of the one model `gpt-4`, under its own model names `m` and `n`. */
export function configOf(...providers: readonly ProviderConfig[]): Config {
  const targets = providers.flatMap(({ name, timeouts }) =>
    ['m', 'n'].map((model) => ({ provider: name, model, maxTokens: null, timeouts })),
  );
  return {
    ...base,
    providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
    models: { 'gpt-4': { name: 'gpt-4', targets } },
  };
}

/** The first attempt of a request, sent the moment it ended and answered by the provider, unless given otherwise. */
export function attemptEnded(given: Partial<AttemptEnded>): AttemptEnded {
  return {
    type: 'attempt-ended',
    provider: 'openai',
    outcome: 'server_error',
    seconds: 0,
    model: 'm',
    verdict: 'failure',
    providerVerdict: 'success',
    request: 1,
    attempt: 1,
    ...given,
  };
}

/** The same for the pure machine. */
export function attemptVerdict(given: Partial<AttemptVerdict>): AttemptVerdict {
  return {
    type: 'attempt-ended',
    worker: 'a',
    request: 1,
    again: false,
    sentMs: 0,
    verdict: 'failure',
    body: null,
    lease: null,
    retryAfterMs: 0,
    jitter: MIDDLE,
    ...given,
  };
}

export function cooldownStarted(given: Partial<CooldownStarted>): CooldownStarted {
  return {
    type: 'cooldown-started',
    provider: 'openai',
    model: 'm',
    reason: 'rate_limited',
    retryAfterMs: null,
    ...given,
  };
}
