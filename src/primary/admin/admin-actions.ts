/** What the admin server can ask of the primary's parts. */
import type { Setting } from '../../config/in-force.ts';
import type { FailuresAnswer } from '../failures/failure-book.ts';
import type { FailureQuery } from '../failures/failure-query.ts';
import type { HistoryAnswer, HistoryQuery } from '../history/history-answer.ts';
import type { LastReload } from '../reload/last-reload.ts';
import type { Reloaded } from '../reload/reload.ts';
import type { SpendRow } from '../spend/spend-file.ts';
import type { SpendQuery } from '../spend/spend-query.ts';
import type { Watch } from './live-events.ts';
import type { Readiness } from './readiness.ts';
import type { Status } from './status.ts';

/** The active configuration as `/api/config` shows it. It holds no secret. */
interface ConfigAnswer {
  readonly version: number;
  /** As an ISO time. */
  readonly loadedAt: string;
  /** The path of a file, `environment` or `demo`. */
  readonly source: string;
  /** Every value in force, also those that are defaults. */
  readonly values: readonly Setting[];
  /** Null before the first reload. */
  readonly lastReload: LastReload | null;
}

/** Where this gateway's own data port is, for a request that the operator tries. */
export interface TryTarget {
  /** An address that can be connected to. */
  readonly host: string;
  readonly port: number;
  /** Null: it speaks no TLS. */
  readonly tls: {
    /** What it shows, in PEM form: by it the port is known. */
    readonly cert: string;
    /** Whether its clients must have a certificate. There is none that could be lent. */
    readonly needsClientCertificate: boolean;
  } | null;
  /** One of its own client keys; null if it asks for none. Only for callers who have shown the admin token. */
  readonly key: string | null;
}

export interface AdminActions {
  /** The merged page; rejects with a `GatewayError` while the counts of the previous workers are not complete. */
  scrape(): Promise<string>;
  status(): Status;
  readiness(): Readiness;
  /** Calls `watch` with frames of the event stream, until the returned function is called. */
  watch(watch: Watch): () => void;
  /** The last hour, in steps of ten seconds. */
  history(query: HistoryQuery): HistoryAnswer;
  config(): ConfigAnswer;
  /** Resolves with the new version. @param by who asks, in words: it stays in the status */
  reload(by: string): Promise<Reloaded>;
  /** Resolves when all workers have been replaced. */
  roll(): Promise<void>;
  /** Rejects with the reason why the next primary could not start with the configuration as it is now. */
  checkConfig(): Promise<void>;
  /** Ends this process; its workers keep serving until the next primary takes over. */
  handOver(): void;
  tryTarget(): TryTarget;
  /** Closes the provider's circuit and ends its cooldowns; false when there is no such provider. */
  resetCircuit(provider: string): boolean;
  /** The last requests that ended with an error. */
  failures(query: FailureQuery): FailuresAnswer;
  /** Reads the spend books. Rejects with why they cannot be read. */
  spend(query: SpendQuery): Promise<readonly SpendRow[]>;
}
