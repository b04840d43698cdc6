/** What the verdict judges by, and the form of a rule. Nothing here is secret. */
import type { SecretSources } from '../../config/variables-in-force.ts';
import type { CircuitState, CooldownStatus } from '../../shared/circuits/circuit-view.ts';
import type { Config } from '../../shared/config.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { SilentProvider } from '../../shared/ipc.ts';
import type { History } from '../history/history.ts';
import type { AlertWindows } from './alert-windows.ts';
import type { Severity } from './alerts.ts';

/** Requests of a model in the last minute, those aside that failed by a mistake of the client's or by a limit. */
export interface RecentFailures {
  readonly model: string;
  /** By a provider, or by the gateway. */
  readonly failed: number;
  readonly answered: number;
  /** Those of `answered` that came when the first failure did, or later. */
  readonly answeredSince: number;
  /** Whether there were answers in the last ten to twenty seconds, and no failure. */
  readonly isOver: boolean;
  /** When the step of the first failure began, in ms since 1970. */
  readonly sinceMs: number;
  /** The one that failed most; null if none was asked. */
  readonly provider: string | null;
}

/** Failures of a model that have no answer between or behind them; the last one came within some minutes. */
export interface FailuresInARow {
  readonly model: string;
  readonly failures: number;
  /** When the step of the first one began, in ms since 1970. */
  readonly sinceMs: number;
  /** The last one that was asked; null if none was. */
  readonly provider: string | null;
}

/**
 * Failures of a model at a provider with the same code and end, that a provider or the gateway is to blame for; but for those
 * that only found circuits open.
 */
export interface FailureKind {
  readonly model: string;
  /** `unknown` where none was asked. */
  readonly provider: string;
  /** The provider's name of the model; null where that is not known. */
  readonly upstreamModel: string | null;
  readonly code: ErrorCode;
  /** The system's code, or that of TLS or a library. */
  readonly cause: string | null;
  /** The end of the last attempt as in `x-headgate-attempts`: a status or a word. */
  readonly end: string | null;
  /** How long the last attempt of the newest one took, where that is known. */
  readonly tookMs: number | null;
  /** When the newest one ended. */
  readonly atMs: number;
  /** How many there were within the last minute, and within the last ten. */
  readonly lastMinute: number;
  readonly lastTenMinutes: number;
}

export interface VerdictFacts {
  /** Since 1970. */
  readonly wallMs: number;
  /** What the ledger has counted. */
  readonly counts: Pick<AlertWindows, 'increase' | 'names' | 'highest' | 'firstGrown'>;
  /** Models with failures in the last minute. */
  readonly recent: readonly RecentFailures[];
  readonly runs: readonly FailuresInARow[];
  /** Models that have answered in the last minute, or begun to. */
  readonly alive: ReadonlySet<string>;
  /** Requests of all models that were answered in the last minute. */
  readonly answered: number;
  /** Whether the last minute is known: a new primary has not seen it. */
  readonly knowsLastMinute: boolean;
  /** Of the last ten minutes; a sample. */
  readonly failures: readonly FailureKind[];
  /** How exactly attempts failed. */
  readonly attempts: Pick<History['attempts'], 'lastEnd'>;
  readonly models: Config['models'];
  /** Where the key of a provider comes from. */
  readonly secretsOf: (provider: string) => SecretSources;
  readonly circuits: readonly { readonly provider: string; readonly state: CircuitState }[];
  readonly targets: readonly {
    readonly provider: string;
    readonly model: string;
    readonly state: CircuitState;
    readonly barred: boolean;
  }[];
  /** Targets that cool down. */
  readonly rests: readonly Pick<CooldownStatus, 'provider' | 'model' | 'reason'>[];
  /** Of providers whose credentials are fetched: 0 for none, null where they do not end. */
  readonly credentials: readonly { readonly provider: string; readonly secondsLeft: number | null }[];
  /** Providers for which requests of a model wait without a word of an answer, for half a minute and more; of each worker. */
  readonly silent: readonly SilentProvider[];
  /** Of the ports with TLS; less than 0 for one that has expired. */
  readonly certificates: readonly { readonly port: string; readonly secondsLeft: number }[];
  /** Those that serve: ready, or of a former primary. */
  readonly servingWorkers: number;
  /** When the last reload was refused, in ms since 1970; null if it was not. */
  readonly reloadRefusedAtMs: number | null;
  readonly stateWritable: boolean;
  /** How often a primary was followed by another within the range of the alert. */
  readonly primaryRestarts: number;
}

/** What a rule sees. */
export interface Symptom {
  readonly model: string | null;
  readonly provider: string | null;
  /** What people read. @param since such as `since 14:02` */
  readonly sentence: (since: string, provider: string | null) => string;
  /** What to press or to run, in a sentence. */
  readonly cure: (provider: string | null) => string;
  /** What it is called, where another rule may tell the same fault of the same provider. */
  readonly fault?: (provider: string | null) => string | null;
  /** When it began, if it is known better than by when it was first seen; in ms since 1970. */
  readonly sinceMs?: number;
  /** Whether it is told below the bounds of its alert, which may not fire: it stands for no other finding of that. */
  readonly isEarly?: boolean;
  /** That it goes on by itself, apart from what else its alert says of the same model. */
  readonly isSilence?: boolean;
  /** Where it is less severe than its alert. */
  readonly severity?: Severity;
  /** Where it is a page once it has been so for this long, in s. */
  readonly pageAfterSeconds?: number;
  /** How long it must be seen before it is told, in s; default: as long as the alert's condition must hold. */
  readonly forSeconds?: number;
}

/** Returns what is wrong now, the worst first. Pure. */
export type Rule = (facts: VerdictFacts) => readonly Symptom[];
