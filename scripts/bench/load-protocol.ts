/**
 * The conversation between a measurement and the process that makes its load: one question at a time, each answered
 * by one message; the process ends with its channel.
 */

/** Where requests go and what they say; several bodies are sent in turn. */
export interface Target {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly string[];
}

export interface Saturation {
  readonly target: Target;
  readonly connections: number;
  readonly seconds: number;
}

export interface Saturated {
  readonly requests: number;
  /** Answers other than 2xx, and connections that broke. */
  readonly failed: number;
  readonly perSecond: number;
}

/** Requests begun at a fixed rate, whatever becomes of those before. */
export interface Paced {
  readonly target: Target;
  readonly perSecond: number;
  readonly seconds: number;
}

/** From the time a request was due, in ms, one for each request. */
export interface PacedTimes {
  readonly toFirstEvent: readonly number[];
  readonly toEnd: readonly number[];
  /** Refused ones, and those that broke or did not end. */
  readonly failed: number;
  /** Answered with an error status, such as 503 by a gateway that has more under way than it may. */
  readonly refused: number;
}

/** What held streams have brought since they were last asked about. */
export interface StreamTally {
  readonly events: number;
  /** Reads from sockets; fewer than events means that chunks came several at once. */
  readonly reads: number;
  /** Streams that ended or broke, of all that were opened. */
  readonly lost: number;
  /** The longest wait of any stream for its next event, in ms. */
  readonly longestGapMs: number;
}

export type LoadQuestion =
  | { readonly ask: 'saturate'; readonly spec: Saturation }
  | { readonly ask: 'pace'; readonly spec: Paced }
  /** Opens streams; answered when each has had an event. */
  | { readonly ask: 'hold'; readonly target: Target; readonly streams: number }
  | { readonly ask: 'tally' }
  /** Leaves all held streams. */
  | { readonly ask: 'release' };
