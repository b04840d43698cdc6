/**
 * The messages between a measurement and the process that makes its load: one question at a time, each answered by one
 * message. The process ends when its channel closes.
 */

/** Where requests go and what they contain. Several bodies are sent in turn. */
export interface Target {
  readonly port: number;
  /** Default: that of chat completions. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly string[];
}

/** Closed loop: every connection sends its next request when the last one is answered. */
export interface Saturation {
  readonly target: Target;
  readonly connections: number;
  readonly seconds: number;
}

/** The result of a saturation. */
export interface Saturated {
  readonly requests: number;
  /** Answers other than 2xx, and connections that broke. */
  readonly failed: number;
  readonly perSecond: number;
}

/** Open loop: requests begin at a fixed rate, whether or not earlier ones are answered. */
export interface Paced {
  readonly target: Target;
  readonly perSecond: number;
  readonly seconds: number;
}

/** In ms from the time at which a request was due, one entry for each request. */
export interface PacedTimes {
  readonly toFirstEvent: readonly number[];
  readonly toEnd: readonly number[];
  /** Requests that were refused, that broke or that did not end. */
  readonly failed: number;
  /** Answers with an error status, such as 503 from a gateway with too many requests in flight. */
  readonly refused: number;
}

/** What held streams have received since the last question. */
export interface StreamTally {
  readonly events: number;
  /** Reads from sockets. Fewer than `events` means that several chunks arrived together. */
  readonly reads: number;
  /** Streams that ended or broke, of all that were opened. */
  readonly lost: number;
  /** The longest wait of any stream for its next event, in ms. */
  readonly longestGapMs: number;
}

/** How requests follow each other: at a fixed rate (open loop), or one at a time in each of several clients. */
type Tempo = { readonly perSecond: number } | { readonly clients: number };

/** Load of which the fate of every request is counted. */
export type TalliedSpec = Tempo & {
  /** The gateway's data port, as `http://HOST:PORT`. */
  readonly url: string;
  /** Default false. */
  readonly stream?: boolean;
  /** Share of requests that open a connection of their own, 0..1; the others reuse connections. Default 0. */
  readonly freshShare?: number;
  /** The requested model. Default `gpt-4`. */
  readonly model?: string;
  /** A request that has not ended after this time has failed. Default 30 s. */
  readonly timeoutMs?: number;
  /** The load begins no more requests than that. Default: no limit. */
  readonly requests?: number;
};

/** The fate of the requests so far. Each is acknowledged, failed or still in flight. */
export interface Tally {
  readonly sent: number;
  /** Terminal fully received: the whole body of a plain answer, `[DONE]` and the final chunk of a stream. */
  readonly acknowledged: number;
  /** Acknowledged ones by HTTP status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Broken connections, answers that broke off, timeouts. */
  readonly failed: number;
  /** Failed ones by reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of those failed: streams that had begun. */
  readonly cut: number;
  readonly inFlight: number;
  /** Answers of 503 or 429 without a Retry-After. */
  readonly withoutRetryAfter: number;
  /**
   * Over all kills: requests in flight on the killed worker at that moment, or on a connection whose worker is unknown.
   */
  readonly inFlightAtKills: number;
  /** Requests sent on the connections of a killed worker before the load saw them close. */
  readonly sentAfterKills: number;
  /** Failed ones on connections that no kill explains. */
  readonly failedElsewhere: number;
}

/** Time to the whole answer in ms since the last such question, by slot of the worker. */
export interface Latencies {
  readonly bySlot: Readonly<Record<string, { readonly count: number; readonly p50: number; readonly p99: number }>>;
}

/** Each question with its answer. */
export interface Conversation {
  readonly saturate: { readonly given: Saturation; readonly answer: Saturated };
  readonly pace: { readonly given: Paced; readonly answer: PacedTimes };
  /** Opens streams; answered when each has received an event or is lost. */
  readonly hold: { readonly given: { readonly target: Target; readonly streams: number }; readonly answer: null };
  readonly streamTally: { readonly given: null; readonly answer: StreamTally };
  /** Closes all held streams. */
  readonly release: { readonly given: null; readonly answer: null };
  /** Starts tallied load, of which there is at most one in a process. */
  readonly start: { readonly given: TalliedSpec; readonly answer: null };
  readonly tally: { readonly given: null; readonly answer: Tally };
  readonly latencies: { readonly given: null; readonly answer: Latencies };
  /** Counts the requests in flight on the slot's connections, then sends the signal, in the same turn. */
  readonly kill: { readonly given: Kill; readonly answer: null };
  /** Begins no more requests; answered when the last one has ended. */
  readonly stop: { readonly given: null; readonly answer: Tally };
}

/** A signal to a worker. */
export interface Kill {
  readonly pid: number;
  readonly slot: number;
  readonly signal: NodeJS.Signals;
}

/** A question as it is sent. */
export type LoadQuestion = {
  readonly [Ask in keyof Conversation]: { readonly ask: Ask; readonly given: Conversation[Ask]['given'] };
}[keyof Conversation];
