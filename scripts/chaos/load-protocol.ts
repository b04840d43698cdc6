/**
 * The conversation between a case and the process that makes its load. The process is forked, hears one question at a
 * time, and ends with its channel.
 */

/** What load to make. */
export interface LoadSpec {
  /** The gateway's data port. */
  readonly url: string;
  /** Requests begun each second, whatever becomes of those before. */
  readonly perSecond: number;
  /** Default false. */
  readonly stream?: boolean;
  /** Share of requests that open a connection of their own, 0..1; the others keep theirs. Default 0. */
  readonly freshShare?: number;
  /** The model asked for. Default `gpt-4`. */
  readonly model?: string;
  /** A request without an end after so long has failed. Default 30 s. */
  readonly timeoutMs?: number;
}

/** What became of the requests so far. */
export interface Tally {
  readonly sent: number;
  /** Terminal fully received: the whole body of a plain answer, `[DONE]` and the final chunk of a stream. */
  readonly acknowledged: number;
  /** Acknowledged ones by HTTP status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Broken connections, broken-off answers, timeouts. */
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Of those failed: streams that had begun. */
  readonly cut: number;
  readonly inFlight: number;
  /** Answers of 503 or 429 without a Retry-After. */
  readonly withoutRetryAfter: number;
  /** Over all strikes: requests in flight on the worker struck at that very moment, or on a connection without a known worker. */
  readonly inFlightAtStrikes: number;
  /** Sent on such a worker's connection before its end was seen here. */
  readonly sentIntoStrikes: number;
  /** Failed ones on connections that no strike explains. */
  readonly failedElsewhere: number;
}

/** Time to the whole answer since the last such question, by slot of the worker. */
export interface Latencies {
  readonly bySlot: Readonly<Record<string, { readonly count: number; readonly p50: number; readonly p99: number }>>;
}

export type LoadQuestion =
  | { readonly ask: 'start'; readonly spec: LoadSpec }
  | { readonly ask: 'tally' }
  | { readonly ask: 'latencies' }
  /** Counts what is in flight on the slot's connections, then sends the signal, in one turn. */
  | { readonly ask: 'strike'; readonly pid: number; readonly slot: number; readonly signal: NodeJS.Signals }
  /** Begins no more requests; answers with the tally when the last has ended. */
  | { readonly ask: 'stop' };

export type LoadAnswer = Tally | Latencies | null;
