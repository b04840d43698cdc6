/**
 * Reads the body of a 2xx answer, already unpacked, by what its first bytes say it is:
 *
 *               asked for a stream            asked for a plain answer
 *   events      relayed (`LiveStream`)        collected to one answer
 *   one JSON    split into events             read
 *
 * One form is made of the other in the client's dialect. What is sound but neither of the two (lines of JSON, a page,
 * another dialect) is a wrong form, not a broken answer.
 */
import { isEmpty } from '../../dialects/answer-facts.ts';
import type { Codec } from '../../dialects/codec.ts';
import type { Usage } from '../../dialects/hub.ts';
import { saidInPart } from '../../dialects/said.ts';
import type { AnswerContext, ReadAnswer, SplitAnswer } from '../../dialects/types.ts';
import { UnreadableAnswerError } from '../../dialects/upstream-error.ts';
import type { TimeoutOptions } from '../../shared/config.ts';
import { MOST_OF_A_TREE } from '../../wire/bounded-json.ts';
import { type Framing, splitterFor } from '../../wire/framing.ts';
import { type AnswerForm, formOf, labelledForm } from './answer-form.ts';
import { type AttemptFailure, failureByPayload, noRoom } from './attempt-failure.ts';
import type { ByteMeter, HeldBytes } from './byte-meter.ts';
import { CollectingSink } from './collecting-sink.ts';
import type { ByteSource } from './content-decoding.ts';
import { graceMs, LiveStream } from './live-stream.ts';
import type { PhaseTimer, PhaseTimers } from './phase-timers.ts';
import { WholeAnswer } from './whole-answer.ts';

interface AnswerReaderOptions {
  readonly codec: Codec;
  readonly framing: Framing;
  readonly context: AnswerContext;
  /** Length of the request as the provider got it. */
  readonly requestBytes: number;
  /** Whether the client named stop sequences. */
  readonly hasStopSequences: boolean;
  readonly timeouts: TimeoutOptions;
  readonly timers: PhaseTimers;
  /** Counts what is held of a stream. */
  readonly meter: ByteMeter;
  /** Counts what is held of a plain answer. */
  readonly held: HeldBytes;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  /** What the provider says that the answer is; '' if nothing. */
  readonly mediaType: string;
  readonly source: ByteSource;
  /** The provider of a stream has sent something that the client gets nothing of. */
  readonly alive: () => void;
  /** The whole answer is here. */
  readonly answered: (answer: ReadAnswer) => void;
  /** The stream's first content is here. */
  readonly committed: (stream: LiveStream) => void;
  readonly failed: (failure: AttemptFailure) => void;
  /** The answer is whole and nothing explains why it has no content; `body` is all of it, in the form asked for. */
  readonly empty: (body: Buffer, usage: Usage | null, mediaType?: string) => void;
}

/** A plain answer larger than this is not one. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A client that asked for a plain answer gets nothing before it. */
function ignore(): void {}

const BRACE_END = 125;
const SPACE = 32;

/** So many bytes that say nothing are taken for what was asked for. */
const MAX_UNTOLD_BYTES = 1024;

export class AnswerReader {
  readonly #options: AnswerReaderOptions;
  #form: AnswerForm | null = null;
  readonly #hold = new WholeAnswer();
  /** From the end of what may be a whole answer to the end of its body. */
  #grace: PhaseTimer | null = null;
  /** The answer was read, or has failed. */
  #over = false;
  /** There from the start where a stream was asked for: its first content has a limit, whatever comes. */
  #stream: LiveStream | null;

  constructor(options: AnswerReaderOptions) {
    this.#options = options;
    const stream: LiveStream | null = options.stream
      ? this.#live(options.context, () => stream !== null && options.committed(stream), options.empty)
      : null;
    this.#stream = stream;
  }

  data(chunk: Buffer): void {
    if (this.#form === 'events') this.#stream?.data(chunk);
    else if (this.#form !== 'whole') this.#begin(chunk);
    else if (!this.#over) {
      this.#keep(chunk);
      if (!this.#over) this.#takeWhole(chunk);
    }
  }

  /** The bytes have ended; `broken` is why the connection broke, where it did. */
  ended(broken: Error | null): void {
    const stream = this.#stream;
    this.#grace?.cancel();
    if (stream !== null && this.#form !== 'whole') stream.ended(broken);
    else if (!this.#over) this.#read(broken);
  }

  /** Ends it from outside. */
  fail(failure: AttemptFailure): void {
    this.#over = true;
    this.#grace?.cancel();
    const told = this.#withPart(failure);
    if (this.#stream === null) this.#options.failed(told);
    else this.#stream.fail(told);
  }

  /** With what has come of an answer in one piece: it is paid. One that is not of this dialect is nothing that was asked for. */
  #withPart(failure: AttemptFailure): AttemptFailure {
    const isPart = this.#hold.length > 0 && !this.#isAnyType && failure.fault.kind !== 'wrong-form';
    return isPart ? { said: saidInPart(this.#hold.bytes), ...failure } : failure;
  }

  /** Whether a whole answer may be anything: text, audio. */
  get #isAnyType(): boolean {
    return this.#options.codec.inbound.anyMediaType === true;
  }

  #begin(chunk: Buffer): void {
    this.#keep(chunk);
    const asked = this.#options.stream ? 'events' : 'whole';
    this.#form = this.#isAnyType
      ? labelledForm(this.#options.mediaType, asked)
      : (formOf(this.#hold.bytes, asked) ?? (this.#hold.length > MAX_UNTOLD_BYTES ? asked : null));
    if (this.#form === 'whole') this.#takeWhole(chunk);
    if (this.#form !== 'events') return;
    const stream = this.#stream ?? this.#collecting();
    if (stream === null) {
      this.#refuseForm('events where a plain answer was asked for');
      return;
    }
    this.#stream = stream;
    const { bytes } = this.#hold;
    this.#hold.clear();
    this.#options.held.set(0);
    stream.data(bytes);
  }

  /** Takes a piece of what came in one piece; it is kept already. */
  #takeWhole(chunk: Buffer): void {
    this.#hold.look(chunk);
    if (this.#isAnyType) return;
    // A stream in lines of JSON would go on for its whole length, and end as a first content that did not come.
    if (this.#stream !== null && this.#hold.isInLines(chunk)) this.#refuseForm('a stream in lines of JSON');
    const last = chunk[chunk.length - 1];
    // Nearly every answer ends now; a limit that is never due costs less than to look whether it is whole.
    if (this.#over || last === undefined || (last > SPACE && last !== BRACE_END)) return;
    const { timers, timeouts } = this.#options;
    const waitMs = graceMs(timeouts);
    if (this.#grace === null) this.#grace = timers.arm(waitMs, () => this.#silent());
    else this.#grace.extend(waitMs);
  }

  /** The end of the body may never come, though all of the answer has. */
  #silent(): void {
    this.#grace = null;
    if (!this.#hold.isWholeJson()) return;
    this.#read(null);
    this.#options.source.abort();
  }

  #refuseForm(form: string): void {
    this.#options.source.abort();
    this.fail({ fault: { kind: 'wrong-form' }, cause: new Error(form) });
  }

  #keep(chunk: Buffer): void {
    if (this.#hold.length + chunk.length > MAX_ANSWER_BYTES) {
      this.#overflow();
      return;
    }
    this.#hold.keep(chunk, MAX_ANSWER_BYTES);
    if (!this.#options.held.set(this.#hold.length)) this.#full();
  }

  #full(): void {
    this.#options.source.abort();
    this.fail(noRoom());
  }

  #overflow(): void {
    this.#options.source.abort();
    const cause = new Error(`an answer over ${MAX_ANSWER_BYTES} bytes`);
    this.fail({ fault: { kind: 'oversized', part: 'body' }, cause });
  }

  /** `broken` is why the connection broke, where it did: what is whole all the same is an answer, and is paid. */
  #read(broken: Error | null): void {
    this.#over = true;
    const { codec, context, hasStopSequences, answered, empty, mediaType } = this.#options;
    // What may be anything is not seen to lack its end.
    if (broken !== null && this.#isAnyType) {
      this.fail(this.#brokenOff(broken));
      return;
    }
    let answer: ReadAnswer;
    let split: SplitAnswer | null;
    try {
      answer = codec.answer(this.#hold.bytes, context, this.#hold.digest, mediaType);
      split = this.#stream === null ? null : this.#split(answer);
    } catch (cause) {
      this.fail(broken === null ? failureByPayload(cause) : failureByPayload(cause, this.#brokenOff(broken)));
      return;
    }
    if (this.#stream !== null) this.#passInOne(this.#stream, answer, split);
    else if (isEmpty(answer.facts, hasStopSequences)) empty(answer.body, answer.facts.usage, answer.mediaType);
    else answered(answer);
  }

  /** What is not whole because its connection broke. */
  #brokenOff(cause: Error): AttemptFailure {
    return { fault: { kind: this.#stream === null ? 'unreadable' : 'cut' }, cause };
  }

  /** As a stream; null where its dialect cannot say it so. Throws `UnreadableAnswerError`. */
  #split({ body }: ReadAnswer): SplitAnswer | null {
    if (this.#isAnyType) return null;
    if ((this.#hold.digest?.bytesOutsideStrings ?? 0) > MOST_OF_A_TREE) {
      const message = `an answer with more than ${MOST_OF_A_TREE} bytes outside of strings, for a stream`;
      throw new UnreadableAnswerError(message, { otherForm: true });
    }
    return this.#options.codec.inbound.split(body, this.#options.context);
  }

  #passInOne(stream: LiveStream, answer: ReadAnswer, split: SplitAnswer | null): void {
    if (split === null) {
      this.#passWhole(stream, answer);
      return;
    }
    if (!isEmpty(answer.facts, this.#options.hasStopSequences)) {
      stream.whole(split.events, split.terminal, answer);
      return;
    }
    stream.abandon();
    this.#options.empty(Buffer.concat([split.events, split.terminal]), answer.facts.usage);
  }

  /** Goes back as it is: some providers stream with some of their models alone, and answer as a whole with the others. */
  #passWhole(stream: LiveStream, answer: ReadAnswer): void {
    if (isEmpty(answer.facts, this.#options.hasStopSequences)) {
      this.fail({ fault: { kind: 'wrong-form' }, cause: new Error('an empty answer where a stream was asked for') });
      return;
    }
    stream.abandon();
    this.#options.answered(answer);
  }

  /** Nothing of such a stream is with the client, so that it may break at any time. Null if the dialect cannot read one so. */
  #collecting(): LiveStream | null {
    const { codec, context, answered, failed, empty, held } = this.#options;
    const collector = codec.inbound.collect();
    if (collector === null) return null;
    const sink = new CollectingSink({
      dialect: codec.inbound,
      collector,
      maxBytes: MAX_ANSWER_BYTES,
      // Its events say more of it than what was made of them.
      answered: (answer) => answered(withFactsOf(stream, answer)),
      failed,
      overflow: () => this.#overflow(),
      held,
      full: () => this.#full(),
      unreadable: (failure) => this.fail(failure),
    });
    const stream: LiveStream = this.#live(
      { ...context, includeUsage: true },
      () => stream.attach(sink),
      (events) => {
        const answer = sink.answer(events);
        if (answer !== null) empty(answer.body, stream.usage);
      },
    );
    return stream;
  }

  #live(context: AnswerContext, committed: () => void, empty: AnswerReaderOptions['empty']): LiveStream {
    const { codec, framing, requestBytes, hasStopSequences, timeouts, timers, meter, source, alive, failed } =
      this.#options;
    return new LiveStream({
      answer: codec.stream(context),
      splitter: splitterFor(framing),
      requestBytes,
      hasStopSequences,
      timeouts,
      timers,
      meter,
      source,
      alive: this.#options.stream ? alive : ignore,
      committed,
      refused: failed,
      empty,
    });
  }
}

function withFactsOf({ facts, said }: LiveStream, answer: ReadAnswer): ReadAnswer {
  const known = { ...answer, facts: { ...answer.facts, ...facts } };
  return said === undefined ? known : { ...known, said };
}
