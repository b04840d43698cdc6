/** A small configuration and events for tests of circuits; each takes what it is told and fills the rest. */
import type { CircuitOptions, Config, ProviderConfig } from '../../src/config/types.ts';
import type { AttemptVerdict } from '../../src/shared/circuit.ts';
import type { AttemptEnded, TargetRested } from '../../src/shared/events.ts';

export const circuitOptions: CircuitOptions = {
  outcomes: 200,
  windowMs: 60_000,
  minFailures: 5,
  failureShare: 0.5,
  openForMs: 30_000,
  maxOpenForMs: 300_000,
};

/** No jitter: an opening lasts exactly as long as the options say. */
export const MIDDLE = 0.5;

const timeouts = {
  connectMs: 5_000,
  headersMs: 300_000,
  firstContentMs: 300_000,
  stallMs: 120_000,
  totalMs: 600_000,
  maxStreamMs: 1_800_000,
};

export function providerConfig(name: string, given: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: 'openai',
    baseUrl: `http://127.0.0.1:1/${name}`,
    apiKey: 'key',
    retry: { attempts: 3, baseDelayMs: 500, maxDelayMs: 8_000, budget: 0.2 },
    circuit: circuitOptions,
    timeouts,
    ...given,
  };
}

/** Every provider is a target of the one model `gpt-4`, under its own model names `m` and `n`. */
export function configOf(...providers: readonly ProviderConfig[]): Config {
  const targets = providers.flatMap(({ name }) =>
    ['m', 'n'].map((model) => ({ provider: name, model, maxTokens: null, timeouts })),
  );
  return {
    version: 1,
    server: {
      host: '127.0.0.1',
      port: 0,
      keys: [],
      open: false,
      maxBodyBytes: 1_000_000,
      maxInFlight: 100,
      maxBufferedBytes: 1_000_000,
      keepAliveMs: 75_000,
      metricsPath: '/metrics',
    },
    admin: { host: '127.0.0.1', port: 0, token: null, openMetrics: false },
    workers: 2,
    log: { level: 'silent' },
    stateDir: '/nowhere',
    drain: { stopMs: 1_000, restartMs: 1_000, announceMs: 0 },
    watchdogMs: 30_000,
    providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
    models: { 'gpt-4': { name: 'gpt-4', targets } },
  };
}

/** The first attempt of a request, sent the moment it ended, unless told otherwise. */
export function attemptEnded(given: Partial<AttemptEnded>): AttemptEnded {
  return {
    type: 'attempt-ended',
    provider: 'openai',
    outcome: 'server_error',
    seconds: 0,
    verdict: 'failure',
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
    lease: null,
    retryAfterMs: 0,
    jitter: MIDDLE,
    ...given,
  };
}

export function targetRested(given: Partial<TargetRested>): TargetRested {
  return {
    type: 'target-rested',
    provider: 'openai',
    model: 'm',
    reason: 'rate_limited',
    retryAfterMs: null,
    ...given,
  };
}
