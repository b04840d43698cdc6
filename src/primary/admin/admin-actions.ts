/** What the admin server can ask of the primary's parts. */
import type { HistoryAnswer, HistoryQuery } from '../history/history-answer.ts';
import type { Reloaded } from '../reload/reload.ts';
import type { SpendRow } from '../spend/spend-file.ts';
import type { SpendQuery } from '../spend/spend-query.ts';
import type { Watch } from './live-events.ts';
import type { Readiness, Status } from './status.ts';

export interface AdminActions {
  /** The merged page; rejects with a `GatewayError` while the counts of the previous workers are not complete. */
  scrape(): Promise<string>;
  status(): Status;
  readiness(): Readiness;
  /** Calls `watch` with frames of the event stream, until the returned function is called. */
  watch(watch: Watch): () => void;
  /** The last hour, in steps of ten seconds. */
  history(query: HistoryQuery): HistoryAnswer;
  /** Resolves with the new version. */
  reload(): Promise<Reloaded>;
  /** Resolves when all workers have been replaced. */
  roll(): Promise<void>;
  /** Rejects with the reason why the next primary could not start with the configuration as it is now. */
  checkConfig(): Promise<void>;
  /** Ends this process; its workers keep serving until the next primary takes over. */
  handOver(): void;
  /** Closes the provider's circuit and ends its cooldowns; false when there is no such provider. */
  resetCircuit(provider: string): boolean;
  /** Reads the spend books. Rejects with why they cannot be read. */
  spend(query: SpendQuery): Promise<readonly SpendRow[]>;
}
