/**
 * The state that all requests of one worker share: current configuration, outbox, circuit gate, pools, limits. There is
 * one object per worker, created by `server.ts`.
 */
import type { IncomingMessage } from 'node:http';
import type { TargetDialect } from '../../dialects/types.ts';
import { type ActiveItem, ActiveSet } from '../../shared/active-set.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import type { GatewayError } from '../../shared/errors.ts';
import type { SilentProvider } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { OnceASecond } from '../../shared/once-a-second.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import type { WorkerCredentials } from '../credentials/worker-credentials.ts';
import { NameCache } from '../names/name-cache.ts';
import {
  deposit,
  HOST_RETRIES_PER_SECOND,
  openBudget,
  type RetryBudget,
  type RetryBudgetOptions,
  withdraw,
} from '../policies/retry-budget.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { FailureReports } from '../reporting/failure-reports.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { RequestLog } from '../reporting/request-log.ts';
import { Tracing } from '../tracing/tracing.ts';
import type { AttemptTools } from '../upstream/attempt.ts';
import { ByteMeter } from '../upstream/byte-meter.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import { PhaseTimers } from '../upstream/phase-timers.ts';
import { UpstreamPools } from '../upstream/upstream-pools.ts';
import { type Authenticate, authenticator } from './arrival/authentication.ts';
import { RefusedParameters } from './refused-parameters.ts';
import { type Silence, silentProviders } from './silent-providers.ts';
import { TargetsTraffic } from './target-traffic.ts';
import { TokenPaces } from './token-paces.ts';

type PlaneOptions = Pick<
  PlaneState,
  | 'config'
  | 'slot'
  | 'outbox'
  | 'gate'
  | 'credentials'
  | 'prices'
  | 'redactor'
  | 'log'
  | 'requestLog'
  | 'failures'
  | 'clock'
  | 'random'
>;

/** A request that is being served, as the drain sees it. */
interface OpenRequest extends ActiveItem {
  readonly cancellation: Cancellation;
  readonly incoming: IncomingMessage;
  /** What it waits for now without any content of an answer; null where there is some, or nobody was asked. */
  readonly silence: Silence | null;
  /** Ends it with this error, because its body cannot be read. */
  fail(error: GatewayError): void;
}

export class PlaneState {
  /** 0 … workers-1, as text for a header. */
  readonly slot: string;
  readonly outbox: Outbox;
  readonly gate: CircuitGate;
  readonly credentials: WorkerCredentials;
  readonly prices: PriceBook;
  /** Knows every secret that an error message might contain. */
  readonly redactor: Redactor;
  readonly log: Log;
  readonly requestLog: RequestLog;
  readonly failures: FailureReports;
  readonly clock: Clock;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  readonly tools: AttemptTools;
  /** For the line that says what the host lacks. */
  readonly lackLog: OnceASecond;
  /** For the line that says that a provider's credentials are missing. */
  readonly credentialsLog: OnceASecond;
  /** Of all requests and answers. */
  readonly held: ByteMeter;
  /** All open requests; at the drain's limit they are all cancelled. */
  readonly open = new ActiveSet<OpenRequest>();
  /** Of targets that are balanced by latency or load. */
  readonly traffic = new TargetsTraffic();
  readonly refusedParameters = new RefusedParameters();
  readonly tokenPaces = new TokenPaces();
  readonly tracing: Tracing;
  /** Whether answers have `Connection: close`. */
  draining = false;
  config: Config;
  authenticate: Authenticate;
  readonly #budgets = new Map<string, RetryBudget>();
  /** Accounts whose provider does not know the wish for token counts. */
  readonly #withoutUsage = new Set<string>();
  #requests = 0;

  constructor(options: PlaneOptions) {
    this.slot = options.slot;
    this.outbox = options.outbox;
    this.gate = options.gate;
    this.credentials = options.credentials;
    this.prices = options.prices;
    this.redactor = options.redactor;
    this.log = options.log;
    this.requestLog = options.requestLog;
    this.failures = options.failures;
    this.clock = options.clock;
    this.lackLog = new OnceASecond(options.clock);
    this.credentialsLog = new OnceASecond(options.clock);
    this.random = options.random;
    this.config = options.config;
    this.held = new ByteMeter(options.config.server.maxBufferedBytes);
    this.requestLog.requests = options.config.log.requests;
    this.authenticate = authenticator(options.config.server.keys);
    const dropped = (count: number) => options.outbox.push({ type: 'spans-dropped', count });
    this.tracing = new Tracing({ slot: options.slot, dropped, clock: options.clock, log: options.log });
    this.tools = {
      pools: new UpstreamPools(new NameCache({ clock: options.clock })),
      timers: new PhaseTimers(options.clock),
      clock: options.clock,
      meter: this.held,
    };
  }

  /** Providers for which open requests have waited long without a word. */
  silent(): SilentProvider[] {
    return silentProviders(this.open.all());
  }

  /** Applies to requests that arrive from now on. Open requests keep the configuration of their arrival. */
  reconfigure(config: Config): void {
    for (const { name, account } of Object.values(this.config.providers)) {
      // What a former key or address has got says nothing of this one.
      if (config.providers[name]?.account !== account) this.#budgets.delete(name);
    }
    this.traffic.reconfigure(this.config, config);
    this.credentials.reconfigured();
    this.tokenPaces.reconfigure(config);
    this.config = config;
    this.held.most = config.server.maxBufferedBytes;
    this.requestLog.requests = config.log.requests;
    this.authenticate = authenticator(config.server.keys);
    this.redactor.know(config.secrets);
    void this.tracing.reconfigure(config.tracing);
  }

  /** Whether this provider has refused the wish for token counts in that dialect. */
  refusesUsage({ account }: ProviderConfig, { name }: TargetDialect): boolean {
    return this.#withoutUsage.has(`${account} ${name}`);
  }

  /** It has, now: it is asked without from now on. */
  usageRefused({ account }: ProviderConfig, { name }: TargetDialect): void {
    this.#withoutUsage.add(`${account} ${name}`);
  }

  /** The next request's number within this worker, from 1. */
  nextRequestNumber(): number {
    this.#requests += 1;
    return this.#requests;
  }

  /** Adds to the provider's budget; called when a request is about to ask the provider for the first time. */
  depositRetry(provider: ProviderConfig): void {
    const options = this.#budgetOptions(provider);
    const nowMs = this.clock.nowMs();
    const budget = this.#budgets.get(provider.name) ?? openBudget(options, nowMs);
    this.#budgets.set(provider.name, deposit(budget, options, nowMs));
  }

  /** Whether this provider's budget has a retry left. */
  hasRetry(provider: ProviderConfig): boolean {
    const options = this.#budgetOptions(provider);
    const nowMs = this.clock.nowMs();
    return withdraw(this.#budgets.get(provider.name) ?? openBudget(options, nowMs), options, nowMs) !== null;
  }

  /** Takes one retry from this provider's budget; false if the budget is exhausted. */
  withdrawRetry(provider: ProviderConfig): boolean {
    const options = this.#budgetOptions(provider);
    const nowMs = this.clock.nowMs();
    const left = withdraw(this.#budgets.get(provider.name) ?? openBudget(options, nowMs), options, nowMs);
    if (left === null) return false;
    this.#budgets.set(provider.name, left);
    return true;
  }

  #budgetOptions(provider: ProviderConfig): RetryBudgetOptions {
    return { share: provider.retry.budget, perSecond: HOST_RETRIES_PER_SECOND / this.config.workers };
  }
}
