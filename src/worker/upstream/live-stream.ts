/**
 * A provider's stream, from the headers of its answer to its end.
 *
 *   held ── first content ──► committed ── terminal ──► closed: complete
 *    │                            ├── error, end, silence, after all finish reasons ──► closed: complete
 *    │                            └── error, end, silence before ──► closed: broken
 *    ├── terminal, or an end after all finish reasons, without content ──► empty
 *    └── error, end, silence ──► refused (the request can still go to another target)
 *
 * Before the first content, nothing is sent to the client: events are held, and a failure is only a failed attempt.
 * After the commit, the request cannot go to another target, so the attempt returns the `LiveStream` itself. Only whole
 * events are written, so that the client never gets an error event in the middle of another event. The terminal is not
 * written here: the sink gets it with `close`, and writes it after the events of the request are delivered.
 */

import { type AnswerFacts, isEmpty } from '../../dialects/answer-facts.ts';
import type { Usage } from '../../dialects/hub.ts';
import type { Said } from '../../dialects/said.ts';
import type { AnswerStream, ReadAnswer, StreamEnd, StreamStep, ToldAnswer } from '../../dialects/types.ts';
import type { TimeoutOptions } from '../../shared/config.ts';
import { BrokenFrameError } from '../../wire/aws-event-stream.ts';
import { ByteHold } from '../../wire/byte-hold.ts';
import type { EventSplitter } from '../../wire/framing.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { type AttemptFailure, failureByEvent, failureByPayload, noRoom, withTold } from './attempt-failure.ts';
import { type ByteMeter, HeldBytes } from './byte-meter.ts';
import type { PhaseTimer, PhaseTimers } from './phase-timers.ts';

export type StreamClose =
  /** `terminal`: the last bytes of the answer; the sink has to write them. */
  | { readonly kind: 'complete'; readonly terminal: Buffer }
  | { readonly kind: 'broken'; readonly failure: AttemptFailure };

/** The client's side of a committed stream. */
export interface StreamSink {
  /** Returns false when its buffer is full; `LiveStream.drained` is to be called when it is empty again. */
  write(bytes: Buffer): boolean;
  /** Called once, after all writes. */
  close(close: StreamClose): void;
}

interface LiveStreamOptions {
  /** What the client gets of the provider's events. */
  readonly answer: AnswerStream;
  readonly splitter: EventSplitter;
  /** Length of the request, which a provider may repeat before its answer. */
  readonly requestBytes: number;
  /** Whether the client named stop sequences. */
  readonly hasStopSequences: boolean;
  readonly timeouts: TimeoutOptions;
  readonly timers: PhaseTimers;
  /** Counts what is held of it. */
  readonly meter: ByteMeter;
  /** The upstream exchange that delivers the bytes. */
  readonly source: { pause(): void; resume(): void; abort(): void };
  /** Called for what the provider sends and the client gets nothing of. */
  readonly alive: () => void;
  /** Called at most once, at the first content. */
  readonly committed: () => void;
  /** Called at most once, and never after `committed`, when the stream fails before its first content. */
  readonly refused: (failure: AttemptFailure) => void;
  /** It is whole, and nothing explains why it has no content; `body` is all of it. */
  readonly empty: (body: Buffer, usage: Usage | null) => void;
}

/** Time that a provider has after its terminal to end its answer; then the connection is closed. */
const LINGER_MS = 1000;

/** Time for usage and the terminal after the last finish reason; an answer that ends without them is whole. */
const GRACE_MS = 2000;

/**
 * Limit for the bytes held before the first content, besides what repeats the request: a larger event commits, many
 * smaller ones are unreadable.
 */
const MAX_HELD_BYTES = 1024 * 1024;

/** Two events may repeat the request, and for two bytes of a character its escape has six. */
const REPEATED_TIMES = 6;

export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #answer: AnswerStream;
  readonly #splitter: EventSplitter;
  #state: 'held' | 'committed' | 'over' = 'held';
  readonly #held = new ByteHold();
  readonly #heldBytes: HeldBytes;
  #sink: StreamSink | null = null;
  #closed: StreamClose | null = null;
  #paused = false;
  #silence: PhaseTimer;
  #longest: PhaseTimer | null = null;
  #linger: PhaseTimer | null = null;
  /** An answer that came in one piece. */
  #whole: Pick<ReadAnswer, 'facts' | 'said'> | null = null;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.#answer = options.answer;
    this.#splitter = options.splitter;
    this.#heldBytes = new HeldBytes(options.meter);
    this.#silence = options.timers.arm(options.timeouts.firstContentMs, () => this.#silent());
  }

  /** The tokens as far as the provider has counted them. */
  get usage(): Usage | null {
    return this.facts.usage;
  }

  /** What is known of the answer, as far as it has come. */
  get facts(): AnswerFacts {
    return this.#whole?.facts ?? this.#answer.facts;
  }

  /** How much of the answer has come; undefined where its tokens cannot be told from that. */
  get said(): Said | undefined {
    return this.#whole === null ? this.#answer.said : this.#whole.said;
  }

  /** What the client has been told, where its dialect repeats that at a broken end; else null. */
  get soFar(): ToldAnswer | null {
    return this.#answer.soFar ?? null;
  }

  /** Takes bytes from the provider; ignores them after the end. */
  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
    let events: SseEvent[];
    try {
      events = this.#splitter.push(chunk);
    } catch (cause) {
      // What was whole before is the same, however the bytes were cut.
      if (cause instanceof BrokenFrameError) for (const event of cause.events) this.#take(event, 'unreadable');
      if (this.#stateNow() === 'over') return;
      if (this.#cannotFail) this.#completeByEnd();
      else this.fail({ fault: { kind: 'unreadable' }, cause });
      return;
    }
    for (const event of events) this.#take(event, 'unreadable');
    // A terminal is one even if its provider leaves the blank line out and the connection open.
    const open = this.#splitter.unended();
    if (open !== null && this.#answer.terminates?.(open) === true) this.#take(open, 'unreadable');
    if (!this.#heldBytes.set(this.#bytesHeld)) this.fail(noRoom());
  }

  /** Takes an answer that came in one piece: its events without the terminal, the terminal, what is known of it. */
  whole(events: Buffer, terminal: Buffer, answer: Pick<ReadAnswer, 'facts' | 'said'>): void {
    if (this.#state !== 'held') return;
    this.#whole = answer;
    this.#forward(events);
    this.#commit();
    this.#complete(terminal);
  }

  /** Takes the end of the provider's bytes; `broken` says why the connection broke, where it did. */
  ended(broken: Error | null = null): void {
    this.#linger?.cancel();
    if (this.#state === 'over') return;
    const rest = this.#splitter.flush();
    if (rest !== null) this.#take(rest, 'cut');
    if (this.#stateNow() === 'over') return;
    const end = this.#end();
    if (end === null) return;
    const { complete, bytes, otherForm } = end;
    if (complete) this.#complete(bytes);
    else if (otherForm) this.fail({ fault: { kind: 'wrong-form' } });
    else this.fail({ fault: { kind: 'cut' }, ...(broken === null ? {} : { cause: broken }) });
  }

  /** Ends the stream and aborts its source: refused before the commit, broken after it. Does nothing after the end. */
  fail(failure: AttemptFailure): void {
    if (this.#state === 'over') return;
    const wasCommitted = this.#state === 'committed';
    this.#finish();
    this.#options.source.abort();
    const told = withTold(this, failure);
    if (wasCommitted) this.#close({ kind: 'broken', failure: told });
    else this.#options.refused(told);
  }

  /** Sets the sink, once: writes the held events in one piece; later events are written as they come. */
  attach(sink: StreamSink): void {
    this.#sink = sink;
    const held = this.#held.bytes;
    this.#held.clear();
    this.#heldBytes.set(this.#bytesHeld);
    if (held.length > 0 && !sink.write(held)) this.#pause();
    if (this.#closed !== null) sink.close(this.#closed);
  }

  /** Resumes the source after a full sink. To be called when the sink's buffer is empty again. */
  drained(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#silence.extend(this.#patienceMs());
    this.#options.source.resume();
  }

  /** Ends the stream and aborts its source; nothing is reported any more. */
  abandon(): void {
    this.#finish();
    this.#options.source.abort();
  }

  #take(event: SseEvent, whenUnreadable: 'unreadable' | 'cut'): void {
    if (this.#state === 'over') return;
    const answer = this.#answer;
    const wasWhole = answer.whole;
    const countedBefore = wasWhole ? answer.facts.usage : null;
    let step: StreamStep;
    try {
      step = answer.push(event);
    } catch (cause) {
      // What cannot be read after the finish is no part of the answer.
      if (wasWhole) return;
      this.fail(whenUnreadable === 'unreadable' ? failureByPayload(cause) : { fault: { kind: 'cut' }, cause });
      return;
    }
    if (isSignOfLife(step) && (this.#state === 'held' || step.bytes.length === 0)) this.#options.alive();
    switch (step.kind) {
      case 'comment':
        // Bytes that the end has cut off are no comment of anybody's.
        if (this.#state === 'committed' && whenUnreadable !== 'cut') this.#forward(step.bytes);
        return;
      case 'metadata':
        this.#forward(step.bytes);
        this.#checkHeld(step.bytes);
        break;
      case 'content':
        this.#forward(step.bytes);
        this.#commit();
        break;
      case 'finish':
        this.#forward(step.bytes);
        if (!this.#isEmpty) this.#commit();
        else this.#checkHeld(step.bytes);
        break;
      case 'terminal':
        this.#complete(step.bytes);
        return;
      case 'error':
        if (this.#cannotFail) this.#completeByEnd();
        else this.fail(failureByEvent(step.error ?? null));
        return;
      default:
        step.kind satisfies never;
    }
    // A whole answer's client waits for its tokens, and for content, which should not come; for nothing else.
    if (!wasWhole || step.kind === 'content' || !isSameUsage(countedBefore, answer.facts.usage)) this.#waitAnew();
  }

  get #bytesHeld(): number {
    return this.#splitter.pendingBytes + this.#held.length + this.#answer.heldBytes;
  }

  /** Nothing that comes now can make it fail. What has no content is explained by an error, and may fail. */
  get #cannotFail(): boolean {
    return this.#answer.whole && (this.#state === 'committed' || !this.#isEmpty);
  }

  /** Whether nothing so far explains an answer without content. */
  get #isEmpty(): boolean {
    return isEmpty(this.#answer.facts, this.#options.hasStopSequences);
  }

  /** Ends a whole answer as the end of its bytes would. */
  #completeByEnd(): void {
    const end = this.#end();
    if (end !== null) this.#complete(end.bytes);
  }

  /** What the end of the bytes makes of the answer; null if that failed, and the stream with it. */
  #end(): StreamEnd | null {
    try {
      return this.#answer.end();
    } catch (cause) {
      this.fail({ fault: { kind: 'unreadable' }, cause });
      return null;
    }
  }

  /** The limit begins anew with each event: of a committed stream, and of one that is whole without content. */
  #waitAnew(): void {
    const listens = this.#state === 'committed' || (this.#state === 'held' && this.#answer.whole);
    if (listens && !this.#paused) this.#silence.extend(this.#patienceMs());
  }

  /** How long the provider may be silent now. */
  #patienceMs(): number {
    const { timeouts } = this.#options;
    return this.#answer.whole ? graceMs(timeouts) : timeouts.stallMs;
  }

  #forward(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#sink === null) this.#held.push(bytes);
    else if (!this.#sink.write(bytes)) this.#pause();
  }

  /** Content of any size commits, and so does any event of that size; many small ones without content are bounded. */
  #checkHeld(last: Buffer): void {
    const most = MAX_HELD_BYTES + REPEATED_TIMES * this.#options.requestBytes;
    if (this.#state !== 'held' || this.#held.length <= most) return;
    if (last.length > MAX_HELD_BYTES) this.#commit();
    else this.fail({ fault: { kind: 'unreadable' } });
  }

  #commit(): void {
    if (this.#state !== 'held') return;
    const { timers, timeouts } = this.#options;
    this.#state = 'committed';
    this.#silence.cancel();
    this.#silence = timers.arm(this.#patienceMs(), () => this.#silent());
    this.#longest = timers.arm(timeouts.maxStreamMs, () => this.fail({ fault: { kind: 'limit' } }));
    this.#options.committed();
  }

  #complete(terminal: Buffer): void {
    // Usage that explains it may have come after the finish reason.
    if (this.#state === 'held' && !this.#isEmpty) this.#commit();
    if (this.#stateNow() === 'held') {
      this.#finish();
      this.#options.source.abort();
      this.#options.empty(Buffer.concat([this.#held.bytes, terminal]), this.#answer.facts.usage);
      return;
    }
    this.#finish();
    // The client's answer ends now. A provider that ends its own in time keeps its connection for further requests.
    this.#linger = this.#options.timers.arm(LINGER_MS, () => this.#options.source.abort());
    this.#options.source.resume();
    this.#close({ kind: 'complete', terminal });
  }

  #pause(): void {
    this.#paused = true;
    this.#options.source.pause();
    // A paused provider cannot send: from now on the limit counts for the client.
    this.#silence.extend(this.#options.timeouts.stallMs);
  }

  #silent(): void {
    if (this.#paused) this.fail({ fault: { kind: 'client-gone' } });
    else if (this.#answer.whole) this.ended();
    else this.fail({ fault: { kind: 'timeout', phase: this.#state === 'held' ? 'first_content' : 'stall' } });
  }

  #finish(): void {
    this.#state = 'over';
    this.#heldBytes.close();
    this.#silence.cancel();
    this.#longest?.cancel();
  }

  #close(close: StreamClose): void {
    if (this.#sink === null) this.#closed = close;
    else this.#sink.close(close);
  }

  /** The state after a call that may have changed it, which the compiler does not expect. */
  #stateNow(): string {
    return this.#state;
  }
}

/** Whether it says nothing but that its sender is alive: a comment or a ping. */
function isSignOfLife({ kind, isPing = false }: StreamStep): boolean {
  return kind === 'comment' || isPing;
}

/** How long a whole answer waits for the end of its bytes. */
export function graceMs({ stallMs }: TimeoutOptions): number {
  return Math.min(GRACE_MS, stallMs);
}

function isSameUsage(one: Usage | null, other: Usage | null): boolean {
  if (one === null || other === null) return one === other;
  return one.input === other.input && one.output === other.output && one.reasoning === other.reasoning;
}
