/**
 * A `LiveStream` on a manual clock, with an answer that takes its orders from the events, and a record of all that
 * the stream reports.
 */
import { type AnswerFacts, isEmpty } from '../../../../src/dialects/answer-facts.ts';
import type { Usage } from '../../../../src/dialects/hub.ts';
import type { AnswerStream, StreamEnd, StreamStep } from '../../../../src/dialects/types.ts';
import { UnreadableAnswerError, type UpstreamError } from '../../../../src/dialects/upstream-error.ts';
import { classify } from '../../../../src/shared/classify.ts';
import type { TimeoutOptions } from '../../../../src/shared/config.ts';
import { splitterFor } from '../../../../src/wire/framing.ts';
import { type SseEvent, wholeEvent } from '../../../../src/wire/sse.ts';
import type { AttemptFailure } from '../../../../src/worker/upstream/attempt-failure.ts';
import { ByteMeter } from '../../../../src/worker/upstream/byte-meter.ts';
import { LiveStream } from '../../../../src/worker/upstream/live-stream.ts';
import { PhaseTimers } from '../../../../src/worker/upstream/phase-timers.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

/** How far apart the checks of all limits are. The limits below are multiples of it, so each fires exactly in time. */
export const TICK_MS = 20;

/** Time that a provider has after its terminal to end its connection; fixed in `LiveStream`. */
export const LINGER_MS = 1_000;

export const limits = {
  connectMs: 1,
  headersMs: 1,
  firstContentMs: 400,
  moveOnMs: 400,
  stallMs: 200,
  totalMs: 1,
  maxStreamMs: 600,
} satisfies TimeoutOptions;

/** An event that has `words` for data. The first word is the kind of step that `ScriptedAnswer` makes of it. */
export const event = (words: string) => `data: ${words}\n\n`;

/** The bytes of a terminal. */
export const TERMINAL = event('the end');

/** The error of an `error` event. */
export const overloaded: UpstreamError = {
  status: 529,
  message: 'overloaded',
  type: 'overloaded_error',
  param: null,
  code: null,
  quota: false,
  subject: null,
  retryAfterMs: 3_000,
};

const NOTHING = Buffer.alloc(0);

const reasons: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

/** Throws for a reason that is cut off. */
function reasonOf(word = ''): string {
  if (!reasons.includes(word)) throw new UnreadableAnswerError(`no finish reason is called ${word}`);
  return word;
}

/**
 * Makes of each event the step that its first word names: `metadata`, `usage` (the second word counts), `content`,
 * `finish` (the second word is the reason), `terminal`, `error`, or `error unexplained`. Throws for any other word;
 * `refusal` throws with an error.
 */
export class ScriptedAnswer implements AnswerStream {
  readonly heldBytes = 0;
  #reason: string | null = null;
  #usage: Usage | null = null;
  #hasParts = false;
  readonly #atEnd: StreamEnd;

  constructor(atEnd: StreamEnd = { complete: false, bytes: NOTHING, otherForm: false }) {
    this.#atEnd = atEnd;
  }

  get empty(): boolean {
    return isEmpty(this.facts, false);
  }

  get facts(): AnswerFacts {
    return { hasParts: this.#hasParts, reason: this.#reason, usage: this.#usage };
  }

  push(sent: SseEvent): StreamStep {
    const bytes = wholeEvent(sent);
    if (sent.data === null) return { kind: 'comment', bytes };
    const [kind, detail] = sent.data.split(' ');
    switch (kind) {
      case 'content':
        this.#hasParts = true;
        return { kind, bytes: detail === 'empty' ? NOTHING : bytes };
      case 'metadata':
        return { kind, bytes };
      case 'usage':
        this.#usage = { input: 1, output: Number(detail), cacheRead: 0, cacheWrite: 0, reasoning: 0 };
        return { kind: 'metadata', bytes };
      case 'finish':
        this.#reason = reasonOf(detail);
        return { kind, bytes };
      case 'terminal':
        return { kind, bytes: Buffer.from(TERMINAL) };
      case 'error':
        return { kind, bytes: NOTHING, ...(detail === 'unexplained' ? {} : { error: overloaded }) };
      case 'refusal':
        throw new UnreadableAnswerError('an error of the provider', { error: overloaded });
      default:
        throw new UnreadableAnswerError(`no step is called ${kind}`);
    }
  }

  end(): StreamEnd {
    return this.#atEnd;
  }

  terminates({ data }: SseEvent): boolean {
    return data === 'terminal';
  }

  get whole(): boolean {
    return this.#reason !== null && this.#atEnd.complete;
  }
}

/** A sink whose answers a test decides. It records what it gets in `reports`. */
export class RecordingSink {
  readonly #reports: string[];
  /** Whether the client takes more after a write. */
  open = true;
  /** Every buffer that was written. */
  readonly written: string[] = [];
  /** The failures of broken streams. */
  readonly failures: AttemptFailure[] = [];

  constructor(reports: string[]) {
    this.#reports = reports;
  }

  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    this.#reports.push(`write ${bytes}`);
    return this.open;
  }

  close(close: Parameters<Parameters<LiveStream['attach']>[0]['close']>[0]): void {
    if (close.kind === 'complete') {
      this.#reports.push(`complete ${close.terminal}`);
      return;
    }
    this.failures.push(close.failure);
    this.#reports.push(`broken ${classify(close.failure.fault).label}`);
  }
}

export interface Rig {
  readonly stream: LiveStream;
  readonly clock: ManualClock;
  readonly sink: RecordingSink;
  /** Everything that the stream reported, in order: `committed`, `refused …`, `write …`, `complete …`, `broken …`. */
  readonly reports: string[];
  /** What the stream did to the upstream exchange, in order. */
  readonly source: ('pause' | 'resume' | 'abort')[];
  /** The failures of refused attempts. */
  readonly refusals: AttemptFailure[];
  /** The bodies of empty answers. */
  readonly empties: string[];
  /** How often the provider was seen to be alive by what the client gets nothing of. */
  alive(): number;
  /** Sends events in one chunk. */
  send(...events: readonly string[]): void;
  attach(): void;
}

/** @param requestBytes length of the request that it answers */
export function makeRig(answer: AnswerStream = new ScriptedAnswer(), requestBytes = 0): Rig {
  const clock = new ManualClock();
  const reports: string[] = [];
  const source: Rig['source'] = [];
  const refusals: AttemptFailure[] = [];
  const empties: string[] = [];
  const sink = new RecordingSink(reports);
  let alive = 0;
  const stream = new LiveStream({
    answer,
    splitter: splitterFor('sse'),
    requestBytes,
    hasStopSequences: false,
    timeouts: limits,
    timers: new PhaseTimers(clock),
    meter: new ByteMeter(1e9),
    source: {
      pause: () => source.push('pause'),
      resume: () => source.push('resume'),
      abort: () => source.push('abort'),
    },
    alive: () => {
      alive += 1;
    },
    committed: () => reports.push('committed'),
    refused: (failure) => {
      refusals.push(failure);
      reports.push(`refused ${classify(failure.fault).label}`);
    },
    empty: (body) => {
      empties.push(body.toString());
      reports.push('refused empty');
    },
  });
  return {
    stream,
    clock,
    sink,
    reports,
    source,
    refusals,
    empties,
    alive: () => alive,
    send: (...events) => stream.data(Buffer.from(events.join(''))),
    attach: () => stream.attach(sink),
  };
}

/** A stream after its first content, with its sink attached and nothing recorded yet. */
export function committedRig(answer?: AnswerStream): Rig {
  const rig = makeRig(answer);
  rig.send(event('content'));
  rig.attach();
  rig.reports.length = 0;
  rig.sink.written.length = 0;
  return rig;
}
