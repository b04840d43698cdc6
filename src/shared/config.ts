/**
 * A checked configuration with all defaults, as plain data, since it is sent to the workers over IPC. All durations are
 * in milliseconds, all sizes in bytes. Only `config/load.ts` makes it; all other code only reads it.
 */
import type { ProxyRules } from './egress/proxy-rules.ts';
import type { TlsConfig } from './egress/way.ts';
import type { PriceTable } from './prices.ts';
import type { TlsFiles } from './tls/server-certificate.ts';
import type { TracingConfig } from './tracing.ts';

/** Limits of retries at one provider. */
export interface RetryOptions {
  /** Attempts at one provider per request, from 1. Default 3. */
  readonly attempts: number;
  /** First backoff before jitter. Default 500. */
  readonly baseDelayMs: number;
  /** Longest backoff. Default 8,000. */
  readonly maxDelayMs: number;
  /** Allowed retries as a share of requests, 0..1, in addition to 10 per second. Default 0.2. */
  readonly budget: number;
}

/** When a provider's circuit opens, and for how long. */
export interface CircuitOptions {
  /** Number of the last outcomes that are counted. Default 200. */
  readonly outcomes: number;
  /** Outcomes older than this do not count. Default 60,000. */
  readonly windowMs: number;
  /** The circuit opens at this number of failures or more. Default 5. */
  readonly minFailures: number;
  /** And only at this share of failures or more, 0..1. Default 0.5. */
  readonly failureShare: number;
  /** Open time of a circuit before its first probe. Default 30,000. */
  readonly openForMs: number;
  /** Longest open time; each failed probe doubles it up to this. Default 300,000. */
  readonly maxOpenForMs: number;
}

/** The limits of the phases of a request. */
export interface TimeoutOptions {
  /** TCP and TLS. Default 5,000. */
  readonly connectMs: number;
  /** Until the answer's headers, streams only. Default 300,000. */
  readonly headersMs: number;
  /** Until the first content, streams only. Default 300,000. */
  readonly firstContentMs: number;
  /** The same, from the attempt's beginning, while another target can be used. Default 120,000. */
  readonly moveOnMs: number;
  /** Between two pieces of content of a stream. Default 120,000. */
  readonly stallMs: number;
  /** Over all attempts of a request until commit; for plain answers until their end. Default 600,000. */
  readonly totalMs: number;
  /** The whole time of a stream. Default 1,800,000. */
  readonly maxStreamMs: number;
}

/** One of a provider's keys. Each is taken for an account of its own: limits and refusals of one say nothing of another. */
export interface ProviderKey {
  /** Unique at its provider; `default` where the configuration gives it no name. */
  readonly name: string;
  /** Empty for a provider without keys. */
  readonly key: string;
  /** Its share of the requests and sessions, above 0. Default 1. */
  readonly weight: number;
  /**
   * What the provider limits and bills, as a digest of type, address and secrets: a key that has got another name is known
   * by it. Made from the rest.
   */
  readonly account: string;
}

export interface ProviderConfig {
  readonly name: string;
  /** What kind of provider it is: a `type` in `src/providers/registry.ts`. */
  readonly type: string;
  /** Absolute URL without a trailing slash. */
  readonly baseUrl: string;
  /**
   * The names of the dialects that are spoken there; at least one. The client's own is taken where it is among them, else
   * the first that can be put behind it.
   */
  readonly dialects: readonly string[];
  /** Its id in the price list, if its type tells; without it the address has to. */
  readonly pricedAs?: string;
  /** At least one; a provider without keys has an empty one. */
  readonly keys: readonly ProviderKey[];
  /** What only its type has, by the keys of the file; none is empty. */
  readonly settings: Readonly<Record<string, string>>;
  /**
   * A digest of type, address, all secrets, headers, proxies and TLS: what was learnt of the provider holds as long as
   * this is the same. Made from the rest, so it is no field of the file.
   */
  readonly account: string;
  /** Sent with every request, by names in lower case; absent without any. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The proxies on the way to it; absent without any. */
  readonly proxy?: ProxyRules;
  /** Absent where Node's defaults hold. */
  readonly tls?: TlsConfig;
  readonly retry: RetryOptions;
  readonly circuit: CircuitOptions;
  readonly timeouts: TimeoutOptions;
}

export interface TargetConfig {
  readonly provider: string;
  /** The model's name at that provider. Its `*`, if it has one, is what the one of the model's name stands for. */
  readonly model: string;
  /** Used when the client sends none; null if not configured. */
  readonly maxTokens: number | null;
  /** Level of preference, from 0: targets of a level are asked only if none of a lower one can be used. */
  readonly level: number;
  /** Its share among the targets of its level, above 0. Default 1. */
  readonly weight: number;
  /** Tools that only the client's API knows are left out where the target has another one. Default false: they are refused. */
  readonly dropsTools?: boolean;
  readonly timeouts: TimeoutOptions;
  /** What it costs, where the configuration says so; it goes before all that is known otherwise. */
  readonly price?: PriceTable;
}

/** How requests are spread over the targets of a level: in the list's order, or by weight, latency or load. */
export type Balance = 'order' | 'weighted' | 'latency' | 'load';

/**
 * By what a request names its session. `auto`: by a header, and by `prompt_cache_key` while targets are only ordered.
 * `all`: by that always. `off`: by nothing.
 */
type Sessions = 'auto' | 'all' | 'off';

export interface ModelConfig {
  /** With a `*`, it stands for all names that match it (`model-names.ts`). */
  readonly name: string;
  /** Other names by which clients may ask for it. */
  readonly aliases: readonly string[];
  /** Parameters that are set in a request that does not have them, with their values as JSON. */
  readonly defaults: readonly { readonly name: string; readonly json: string }[];
  /** Names of parameters that are taken out of a request. */
  readonly drop: readonly string[];
  /** Names that lead to other models, in order: they get a request whose context is too long for this one. */
  readonly fallbacks: { readonly context: readonly string[] };
  /** A stream is kept warm by an event that says nothing after so much silence; null: only its provider's own do that. */
  readonly keepAliveAfterMs: number | null;
  /** Within each level of preference. Default `order`. */
  readonly balance: Balance;
  /** Which requests keep to a target: those that name a session (`auto`, `all`), or none. Default `auto`. */
  readonly sessions: Sessions;
  /** By level, and within a level as in the file; at least one. */
  readonly targets: readonly TargetConfig[];
}

export interface ServerConfig {
  readonly host: string;
  /** 0 takes a free port; the start line in the log shows it. */
  readonly port: number;
  /** Bearer keys of clients. Without keys, every client is served. */
  readonly keys: readonly string[];
  readonly open: boolean;
  readonly maxBodyBytes: number;
  /** Per worker. */
  readonly maxInFlight: number;
  /** Client connections, per worker, and of one address at one worker. */
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Origins whose pages may read the answers. */
  readonly cors: readonly string[];
  /** Request bodies held at once, per worker. */
  readonly maxBufferedBytes: number;
  readonly keepAliveMs: number;
  /** A header by which clients name their session, in lower case; null for none. */
  readonly sessionHeader: string | null;
  /** The path at which the data port relays the primary's metrics; null for none (always with an admin token). */
  readonly metricsPath: string | null;
  /** The files of its certificate; absent: HTTP in plain text. */
  readonly tls?: TlsFiles;
}

export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  /** Lets `/metrics` be read without the token. */
  readonly openMetrics: boolean;
  /** Of the status page, where a proxy shows it under another: `https://ops.example.com`. */
  readonly origins: readonly string[];
  /** The files of its certificate; absent: HTTP in plain text. */
  readonly tls?: TlsFiles;
}

interface DrainConfig {
  /** Longest wait for open requests when the gateway stops. Default 60,000. */
  readonly stopMs: number;
  /** Longest wait for open requests when a worker is replaced. Default 600,000. */
  readonly restartMs: number;
  /** How long `/health` returns 503 before listeners close. Default 0. */
  readonly announceMs: number;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** What is passed to one provider, since its requests name no model. */
export type PassedThrough = 'files' | 'batches';

/** Which requests have a log line. */
type LoggedRequests = 'all' | 'errors' | 'none';

export interface Config {
  readonly version: 1;
  readonly server: ServerConfig;
  readonly admin: AdminConfig;
  /** Number of worker slots, from 1; `auto` has been resolved. */
  readonly workers: number;
  readonly log: { readonly level: LogLevel; readonly requests: LoggedRequests };
  /** Absent: no traces are made. */
  readonly tracing?: TracingConfig;
  /** Absolute path. */
  readonly stateDir: string;
  readonly drain: DrainConfig;
  /** A worker that is silent for this long is killed and replaced. */
  readonly watchdogMs: number;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly models: Readonly<Record<string, ModelConfig>>;
  /** The name of a model by each of its aliases. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The names of models that are patterns, in the order in which they are tried. */
  readonly patterns: readonly string[];
  /** For endpoints whose requests name no model: the provider that gets them; null for none. */
  readonly passthrough: Readonly<Record<PassedThrough, string | null>>;
  /** All secrets above, each once, none empty: what must be redacted. Never shown. */
  readonly secrets: readonly string[];
}
