/**
 * A checked and filled configuration, as plain data: it travels to the workers over IPC. All durations are in
 * milliseconds, all sizes in bytes. `config/load.ts` is the only maker; everybody else reads.
 */

/** Retries at one provider. */
export interface RetryOptions {
  /** Attempts at one provider per request, from 1. Default 3. */
  readonly attempts: number;
  /** First backoff before jitter. Default 500. */
  readonly baseDelayMs: number;
  /** Ceiling of the backoff. Default 8,000. */
  readonly maxDelayMs: number;
  /** Retries allowed as a share of requests, 0..1, beside 10 a second. Default 0.2. */
  readonly budget: number;
}

/** When a provider's circuit opens, and for how long. */
export interface CircuitOptions {
  /** The last so many outcomes are judged. Default 200. */
  readonly outcomes: number;
  /** Outcomes older than this do not count. Default 60,000. */
  readonly windowMs: number;
  /** At least so many failures. Default 5. */
  readonly minFailures: number;
  /** And at least this share of failures, 0..1. Default 0.5. */
  readonly failureShare: number;
  /** Length of the first opening. Default 30,000. */
  readonly openForMs: number;
  /** Ceiling of the doubling after failed probes. Default 300,000. */
  readonly maxOpenForMs: number;
}

/** Each phase has its own limit. */
export interface TimeoutOptions {
  /** TCP and TLS. Default 5,000. */
  readonly connectMs: number;
  /** Until the answer's headers, streams only. Default 300,000. */
  readonly headersMs: number;
  /** Until the first content, streams only. Default 300,000. */
  readonly firstContentMs: number;
  /** Between two contents of a stream. Default 120,000. */
  readonly stallMs: number;
  /** Over all attempts until commit; for plain answers until their end. Default 600,000. */
  readonly totalMs: number;
  /** The longest a stream may take in all. Default 1,800,000. */
  readonly maxStreamMs: number;
}

/** The dialects that providers speak; one folder under `src/providers` each. */
export const providerTypes = ['openai', 'anthropic'] as const;
export type ProviderType = (typeof providerTypes)[number];

export interface ProviderConfig {
  readonly name: string;
  readonly type: ProviderType;
  /** Absolute URL without a trailing slash. */
  readonly baseUrl: string;
  /** Empty string for providers that want none. */
  readonly apiKey: string;
  readonly retry: RetryOptions;
  readonly circuit: CircuitOptions;
  readonly timeouts: TimeoutOptions;
}

export interface TargetConfig {
  readonly provider: string;
  /** The model's name at that provider. */
  readonly model: string;
  /** Used when the client gives none; null where nothing was configured. */
  readonly maxTokens: number | null;
  readonly timeouts: TimeoutOptions;
}

export interface ModelConfig {
  readonly name: string;
  /** In order of preference; at least one. */
  readonly targets: readonly TargetConfig[];
}

export interface ServerConfig {
  readonly host: string;
  /** 0 takes a free port, which the start line names. */
  readonly port: number;
  /** Bearer keys of clients; empty lets everybody in. */
  readonly keys: readonly string[];
  readonly open: boolean;
  readonly maxBodyBytes: number;
  /** Per worker. */
  readonly maxInFlight: number;
  /** Request bodies held at once, per worker. */
  readonly maxBufferedBytes: number;
  readonly keepAliveMs: number;
  /** Where the data port relays the primary's metrics; null for nowhere (also with an admin token). */
  readonly metricsPath: string | null;
}

export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  /** Lets `/metrics` be read without the token. */
  readonly openMetrics: boolean;
}

interface DrainConfig {
  /** Longest wait for open requests at a stop. Default 60,000. */
  readonly stopMs: number;
  /** The same for a worker replaced in a roll. Default 600,000. */
  readonly restartMs: number;
  /** How long `/health` says 503 before listeners close. Default 0. */
  readonly announceMs: number;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface Config {
  readonly version: 1;
  readonly server: ServerConfig;
  readonly admin: AdminConfig;
  /** Number of worker slots, from 1; `auto` has been resolved. */
  readonly workers: number;
  readonly log: { readonly level: LogLevel };
  /** Absolute path. */
  readonly stateDir: string;
  readonly drain: DrainConfig;
  /** A worker silent for so long is replaced. */
  readonly watchdogMs: number;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly models: Readonly<Record<string, ModelConfig>>;
}
