/** What makes spans, for those who only say what happened. The one that is there speaks OpenTelemetry: `open-telemetry.ts`. */
import type { Attributes } from './conventions.ts';
import type { SpanPlace } from './trace-context.ts';

/** A span that has begun. */
export interface OpenSpan {
  readonly place: SpanPlace;
  /** Whether anybody will see it: if not, nothing needs to be said. */
  readonly isRecorded: boolean;
  set(attributes: Attributes): void;
  /** It ended in an error of this class. */
  fail(type: string): void;
  /** Sets its end, in unix time. */
  endsAt(atMs: number): void;
  /** Nothing more is said of it. */
  close(): void;
}

export interface SpanMaker {
  /** @param atMs in unix time */
  start(kind: 'server' | 'client', name: string, atMs: number, parent: SpanPlace | null): OpenSpan;
  /** Sends what is left, for no longer than `limitMs`. */
  stop(limitMs: number): Promise<void>;
}
