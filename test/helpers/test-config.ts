/**
 * A complete configuration for tests that start parts of the gateway without its loader: two fake providers, one model
 * with both as targets, limits that no test reaches unless it sets them: one of less than 200 ms is over by itself on a
 * busy machine.
 */
import { accountOf } from '../../src/config/account.ts';
import { dialectsAt, providerOf } from '../../src/providers/registry.ts';
import type {
  CircuitOptions,
  Config,
  ModelConfig,
  ProviderConfig,
  ProviderKey,
  RetryOptions,
  TargetConfig,
  TimeoutOptions,
} from '../../src/shared/config.ts';
import { DEFAULT_KEY } from '../../src/shared/provider-keys.ts';

/** What a test wants to be different. */
export interface TestConfigOptions {
  /** Port of the fake provider named `openai`. */
  readonly openai: number;
  /** Port of the fake provider named `anthropic`. Default: there is none, and the model has one target. */
  readonly anthropic?: number;
  readonly keepAliveAfterMs?: number;
  /** The name of the first target's model at its provider. Default: `gpt-4`. */
  readonly model?: string;
  /** Of both targets. */
  readonly dropsTools?: boolean;
  /** By the name of the provider; default: what its type speaks. */
  readonly dialects?: Readonly<Record<string, readonly string[]>>;
  readonly timeouts?: Partial<TimeoutOptions>;
  readonly retry?: Partial<RetryOptions>;
  readonly circuit?: Partial<CircuitOptions>;
  readonly server?: Partial<Config['server']>;
  readonly tracing?: Config['tracing'];
}

const timeouts: TimeoutOptions = {
  connectMs: 10_000,
  headersMs: 30_000,
  firstContentMs: 30_000,
  moveOnMs: 30_000,
  stallMs: 30_000,
  totalMs: 60_000,
  maxStreamMs: 120_000,
};
const retry: RetryOptions = { attempts: 3, baseDelayMs: 1, maxDelayMs: 4, budget: 0.2 };

/** The defaults of the product. */
export const circuitOptions: CircuitOptions = {
  outcomes: 200,
  windowMs: 60_000,
  minFailures: 5,
  failureShare: 0.5,
  openForMs: 30_000,
  maxOpenForMs: 300_000,
};

/** Model `gpt-4`: the first target is `openai` with the same name, the second `anthropic` with `claude-sonnet-4-5`. */
export function testConfig(options: TestConfigOptions): Config {
  const limits = { ...timeouts, ...options.timeouts };
  const provider = (name: 'openai' | 'anthropic', baseUrl: string): ProviderConfig => ({
    name,
    type: name,
    baseUrl,
    dialects: options.dialects?.[name] ?? dialectsAt(providerOf(name), baseUrl),
    keys: [testKey(`key-of-${name}`, { account: accountOf(name, baseUrl, [`key-of-${name}`]) })],
    settings: {},
    account: accountOf(name, baseUrl, [`key-of-${name}`]),
    retry: { ...retry, ...options.retry },
    circuit: { ...circuitOptions, ...options.circuit },
    timeouts: limits,
  });
  const openai = provider('openai', `http://127.0.0.1:${options.openai}/v1`);
  const { dropsTools = false, model = 'gpt-4' } = options;
  const targets = [{ provider: 'openai', model, maxTokens: null, level: 0, weight: 1, timeouts: limits, dropsTools }];
  const providers: Record<string, ProviderConfig> = { openai };
  if (options.anthropic !== undefined) {
    providers.anthropic = provider('anthropic', `http://127.0.0.1:${options.anthropic}`);
    targets.push({
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      maxTokens: null,
      level: 1,
      weight: 1,
      timeouts: limits,
      dropsTools,
    });
  }
  return {
    version: 1,
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    server: {
      host: '127.0.0.1',
      port: 0,
      keys: [],
      open: false,
      maxBodyBytes: 1024 * 1024,
      maxInFlight: 100,
      maxConnections: 1_000,
      maxConnectionsPerAddress: 1_000,
      cors: [],
      maxBufferedBytes: 256 * 1024 * 1024,
      keepAliveMs: 5_000,
      sessionHeader: null,
      metricsPath: '/metrics',
      ...options.server,
    },
    admin: { host: '127.0.0.1', port: 0, token: null, openMetrics: false, origins: [] },
    workers: 1,
    log: { level: 'silent', requests: 'all' },
    stateDir: '/nonexistent',
    drain: { stopMs: 5_000, restartMs: 5_000, announceMs: 0 },
    watchdogMs: 30_000,
    providers,
    models: {
      'gpt-4': testModel('gpt-4', targets, { keepAliveAfterMs: options.keepAliveAfterMs ?? null }),
    },
    aliases: {},
    patterns: [],
    passthrough: { files: null, batches: null },
    secrets: [
      ...(options.server?.keys ?? []),
      ...Object.values(providers).flatMap(({ keys }) => keys.map(({ key }) => key)),
    ],
  };
}

/** A provider's only key, unless it is `given` a name. */
export function testKey(key: string, given: Partial<ProviderKey> = {}): ProviderKey {
  return { name: DEFAULT_KEY, key, weight: 1, account: `account-of-${key}`, ...given };
}

/** A model with all that its targets need not be told; `more` is what the test wants to be different. */
export function testModel(
  name: string,
  targets: readonly TargetConfig[],
  more: Partial<Omit<ModelConfig, 'name' | 'targets'>> = {},
): ModelConfig {
  return {
    name,
    aliases: [],
    defaults: [],
    drop: [],
    fallbacks: { context: [] },
    keepAliveAfterMs: null,
    balance: 'order',
    sessions: 'auto',
    targets,
    ...more,
  };
}
