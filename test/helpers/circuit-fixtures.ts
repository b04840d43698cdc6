/**
 * A small configuration and events for tests of circuits. A test gives the fields that matter; the others are filled
 * in.
 */
import { accountOf } from '../../src/config/account.ts';
import type { AttemptVerdict } from '../../src/shared/circuits/circuit.ts';
import type { Config, ProviderConfig } from '../../src/shared/config.ts';
import type { AttemptEnded, CooldownStarted } from '../../src/shared/events.ts';
import { testConfig, testModel } from './test-config.ts';

const base = testConfig({ openai: 1 });

/** The random number of no jitter: a circuit then stays open exactly as long as the options say. */
export const MIDDLE = 0.5;

/** A provider of that name, with an address of its own; its keys are accounts there. */
export function providerConfig(name: string, given: Partial<ProviderConfig> = {}): ProviderConfig {
  const { openai } = base.providers;
  if (openai === undefined) throw new Error('the fixture lacks its provider');
  const provider = { ...openai, name, baseUrl: `http://127.0.0.1:1/${name}`, ...given };
  const { type, baseUrl } = provider;
  const keys = provider.keys.map((key) => ({ ...key, account: accountOf(type, baseUrl, [key.key]) }));
  return {
    ...provider,
    keys,
    account: accountOf(
      type,
      baseUrl,
      keys.map(({ key }) => key),
    ),
  };
}

/** One model `gpt-4`, with two targets at each provider: its models `m` and `n`. */
export function configOf(...providers: readonly ProviderConfig[]): Config {
  const targets = providers.flatMap(({ name, timeouts }) =>
    ['m', 'n'].map((model) => ({ provider: name, model, maxTokens: null, level: 0, weight: 1, timeouts })),
  );
  return {
    ...base,
    providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
    models: { 'gpt-4': testModel('gpt-4', targets) },
  };
}

/** By default a failed first attempt of a request, which ended when it was sent, and which its provider answered. */
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

/** The same in the form of the pure circuit machine. */
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

/** By default a rate limit of the target `openai/m`, without a Retry-After. */
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
