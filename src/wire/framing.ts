/** How the events of a stream are told apart in its bytes. Whatever the framing, an event is the same to its readers. */
import { AwsEventStreamSplitter } from './aws-event-stream.ts';
import { type SseEvent, SseSplitter } from './sse.ts';

/** `sse`: server-sent events. `aws-event-stream`: binary frames, of Amazon's. */
export type Framing = 'sse' | 'aws-event-stream';

/** Splits the bytes of one stream into events. */
export interface EventSplitter {
  /** Bytes of the event that is not yet whole. */
  readonly pendingBytes: number;
  /**
   * The events that `chunk` completes, in order. Throws if they can no longer be told apart: `BrokenFrameError` holds
   * those before.
   */
  push(chunk: Buffer): SseEvent[];
  /** The last event, if the bytes end without what should end it; null if there is none. */
  flush(): SseEvent | null;
  /** The event that lacks only what ends it; null if there is none that may be one. */
  unended(): SseEvent | null;
}

const splitters: Readonly<Record<Framing, () => EventSplitter>> = {
  sse: () => new SseSplitter(),
  'aws-event-stream': () => new AwsEventStreamSplitter(),
};

/** A splitter for one stream. */
export function splitterFor(framing: Framing): EventSplitter {
  return splitters[framing]();
}
