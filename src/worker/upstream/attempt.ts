/**
 * One attempt: one exchange with one target. It ends with a whole answer, a committed stream or a failure. It counts
 * nothing and decides nothing; `request.ts` does both.
 *
 *   dispatch ─► sent ─► headers ─┬─ 2xx, plain ──► body ──► answer
 *                                ├─ 2xx, stream ─► events ─► first content ─► stream (a `LiveStream`, committed)
 *                                └─ else ────────► error body ─► failure
 *
 * If a reused keep-alive socket dies before a byte of the answer, the request is immediately sent again, once, within
 * the same attempt.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Codec } from '../../dialects/codec.ts';
import type { Usage } from '../../dialects/hub.ts';
import type { AnswerContext, ReadAnswer } from '../../dialects/types.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { connectReason } from '../../shared/egress/connect-fault.ts';
import { ByteHold } from '../../wire/byte-hold.ts';
import type { Framing } from '../../wire/framing.ts';
import { AnswerReader } from './answer-reader.ts';
import { type AttemptFailure, failureByStatus } from './attempt-failure.ts';
import type { ByteMeter, HeldBytes } from './byte-meter.ts';
import type { Cancellation } from './cancellation.ts';
import { type ByteSource, type ContentDecoder, decoderFor } from './content-decoding.ts';
import type { LiveStream } from './live-stream.ts';
import type { PhaseTimer, PhaseTimers } from './phase-timers.ts';
import { requestIdOf } from './request-id.ts';
import { TurnCounter } from './turn-counter.ts';
import type { ExchangeFailure, ExchangeListener, UpstreamCall } from './upstream-call.ts';
import type { OutgoingRequest, UpstreamPools } from './upstream-pools.ts';

/** The parameters of one attempt. */
export interface AttemptPlan {
  readonly provider: ProviderConfig;
  readonly target: TargetConfig;
  readonly codec: Codec;
  readonly framing: Framing;
  readonly outgoing: OutgoingRequest;
  readonly context: AnswerContext;
  /** Whether the client named stop sequences. */
  readonly hasStopSequences: boolean;
  readonly stream: boolean;
  /** Longest time for an answer, or the content of a stream, while another target can be used; null: no such limit. */
  readonly patienceMs: number | null;
  /** Whether another target can be used now: only then is that time a limit. */
  readonly mayMove: () => boolean;
  /** The deadline of the whole request, on `clock`. */
  readonly deadlineMs: number;
  /** Whether the time before this attempt went to providers that had failed or not answered, and hardly to anything else. */
  readonly isLateByProviders: boolean;
  /** The client's, if it comes before; null where it has none, or a later one. */
  readonly client: ClientWait | null;
  /** Cancelled if the client leaves or the drain's limit is reached; its reason becomes the fault. */
  readonly cancellation: Cancellation;
  /** Counts the whole answer; whoever has it closes this. */
  readonly answerBytes: HeldBytes;
  /** Called when the provider of a stream sends something that the client gets nothing of. */
  readonly alive: () => void;
  /** Called when the status line comes, whatever it says; null where nobody waits for it. */
  readonly answered: (() => void) | null;
}

/** How long the client waits for the head of its answer. */
interface ClientWait {
  /** When it must be answered, on `clock`. */
  readonly deadlineMs: number;
  /** Whether its time is shorter than the gateway's; else the gateway's own is over, a little early. */
  readonly isShorter: boolean;
  /** Whether no head has been sent. */
  isWaiting(): boolean;
}

export type AttemptEnd =
  | { readonly kind: 'answer'; readonly answer: ReadAnswer; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'stream'; readonly stream: LiveStream; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure };

/** The objects that all attempts of a worker share. */
export interface AttemptTools {
  readonly pools: UpstreamPools;
  readonly timers: PhaseTimers;
  readonly clock: Clock;
  /** Of all bodies and answers. */
  readonly meter: ByteMeter;
}

/** The rest of a larger error body is not read: it is no envelope, and to redact a megabyte takes a long turn. */
const MAX_ERROR_BODY_BYTES = 256 * 1024;

/** The most that nginx takes unless it is told otherwise. A server that refuses more often resets what is still coming. */
const LARGE_UPLOAD_BYTES = 1024 * 1024;

/** The body of an error answer is read for at most this time; then the attempt ends with what has arrived. */
const ERROR_BODY_MS = 5000;

/** A provider that showed so lately that it works is not blamed for a stream without content. */
const ALIVE_MS = 30_000;

/** After so many bytes of one answer, others have their turn: one read brings up to two megabytes. */
const TURN_BYTES = 256 * 1024;

/** Makes the attempt; never rejects. */
export function runAttempt(plan: AttemptPlan, tools: AttemptTools): Promise<AttemptEnd> {
  return new Promise((resolve) => new Exchange(plan, tools, resolve, true).start());
}

class Exchange implements ExchangeListener, ByteSource {
  readonly #plan: AttemptPlan;
  readonly #tools: AttemptTools;
  readonly #resolve: (end: AttemptEnd) => void;
  /** Whether it may be sent again within the same attempt. */
  readonly #isFirst: boolean;
  #call: UpstreamCall | null = null;
  /** The remaining time of the request when this attempt began. */
  readonly #grantedMs: number;
  #deadline: PhaseTimer;
  /** Of the wait for the headers, then of reading the body of an error. */
  #phaseLimit: PhaseTimer | null = null;
  #patience: PhaseTimer | null = null;
  /** When the provider last showed that it works on a stream, by what says nothing else. */
  #aliveMs: number | null = null;
  #status = 0;
  /** Whether the request was on a connection. */
  #sent = false;
  #answerHeaders: IncomingHttpHeaders = {};
  /** Null for a body that is not compressed; undefined before its first bytes. */
  #decoder: ContentDecoder | null | undefined;
  /** Of a 2xx. */
  #reader: AnswerReader | null = null;
  /** The body of any other answer. */
  readonly #errorBody = new ByteHold();
  #settled = false;
  readonly #turn = new TurnCounter(TURN_BYTES);
  /** Whether others have their turn now. */
  #othersTurn = false;
  /** Whether the reader of the answer wants no more for now. */
  #paused = false;

  constructor(plan: AttemptPlan, tools: AttemptTools, resolve: (end: AttemptEnd) => void, isFirst: boolean) {
    this.#plan = plan;
    this.#tools = tools;
    this.#resolve = resolve;
    this.#isFirst = isFirst;
    const nowMs = tools.clock.nowMs();
    this.#grantedMs = plan.deadlineMs - nowMs;
    this.#deadline = tools.timers.arm((plan.client?.deadlineMs ?? plan.deadlineMs) - nowMs, () => this.#timeIsUp());
  }

  start(): void {
    const { provider, target, outgoing, cancellation } = this.#plan;
    if (this.#plan.patienceMs !== null) {
      this.#patience = this.#tools.timers.arm(this.#plan.patienceMs, () => this.#impatient());
    }
    cancellation.watch((reason) => this.#giveUp({ fault: { kind: reason } }));
    if (!this.#settled) this.#call = this.#tools.pools.call(provider, target, outgoing, this);
  }

  sent(): void {
    this.#sent = true;
    if (!this.#plan.stream) return;
    this.#phaseLimit = this.#tools.timers.arm(this.#plan.target.timeouts.headersMs, () => {
      this.#giveUp({ fault: { kind: 'timeout', phase: 'headers' } });
    });
  }

  headers(status: number, headers: IncomingHttpHeaders): void {
    this.#phaseLimit?.cancel();
    this.#plan.answered?.();
    this.#status = status;
    this.#answerHeaders = headers;
    if (!isSuccess(status)) {
      this.#phaseLimit = this.#tools.timers.arm(ERROR_BODY_MS, () => this.#endEarly());
      return;
    }
    const { codec, framing, outgoing, context, hasStopSequences, stream, target } = this.#plan;
    this.#reader = new AnswerReader({
      codec,
      framing,
      context,
      requestBytes: outgoing.body.length,
      hasStopSequences,
      stream,
      mediaType: headers['content-type'] ?? '',
      timeouts: target.timeouts,
      timers: this.#tools.timers,
      meter: this.#tools.meter,
      held: this.#plan.answerBytes,
      source: this,
      alive: () => this.#alive(),
      answered: (answer) => {
        if (this.#settle()) this.#resolve({ kind: 'answer', answer, headers });
      },
      committed: (live) => {
        if (this.#settle()) this.#resolve({ kind: 'stream', stream: live, headers });
      },
      failed: (failure) => this.#fail(failure),
      empty: (body, usage, mediaType) => this.#fail(this.#emptyAnswer(body, usage, mediaType)),
    });
  }

  data(chunk: Buffer): void {
    this.#takeTurns(chunk.length);
    if (this.#decoder === undefined) this.#decoder = this.#decoderFor(chunk);
    if (this.#decoder === null) this.#read(chunk);
    else this.#decoder.push(chunk);
  }

  ended(): void {
    if (this.#decoder) this.#decoder.end(null);
    else this.#end(null);
  }

  failed({ kind, resendable, cause }: ExchangeFailure): void {
    if (kind === 'own-lack' && (this.#status === 0 || this.#reader !== null)) {
      this.#giveUp({ fault: { kind: 'gateway-limit' }, cause });
    } else if (this.#status !== 0) {
      if (this.#decoder) this.#decoder.end(cause);
      else this.#end(cause);
    } else if (kind === 'head-too-large') {
      this.#fail({ fault: { kind: 'oversized', part: 'head' }, cause });
    } else if (resendable && this.#isFirst && this.#settle()) {
      new Exchange(this.#plan, this.#tools, this.#resolve, false).start();
    } else if (kind === 'connect-timeout') {
      this.#fail({ fault: { kind: 'timeout', phase: 'connect' }, cause });
    } else {
      const large = this.#plan.outgoing.body.length > LARGE_UPLOAD_BYTES;
      const known = connectReason(cause);
      // A provider of TLS 1.3 looks at our certificate only when the request is on its way.
      const reason = this.#sent && known !== 'client-certificate' ? null : known;
      this.#fail({ fault: { kind: 'connection', established: this.#sent, large, reason }, cause });
    }
  }

  pause(): void {
    this.#paused = true;
    (this.#decoder ?? this.#call)?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#decoder || !this.#othersTurn) (this.#decoder ?? this.#call)?.resume();
  }

  /** Gives the exchange up; nothing more of its answer is read. */
  abort(): void {
    (this.#decoder ?? this.#call)?.abort();
  }

  #takeTurns(bytes: number): void {
    if (this.#othersTurn || !this.#turn.isOver(bytes)) return;
    this.#othersTurn = true;
    this.#call?.pause();
    setImmediate(() => {
      this.#othersTurn = false;
      // A decoder pauses for its reader by itself, and waits for more once that reads on.
      if (this.#decoder || !this.#paused) this.#call?.resume();
    });
  }

  #decoderFor(first: Buffer): ContentDecoder | null {
    if (this.#call === null) return null;
    return decoderFor(this.#answerHeaders['content-encoding'], first, this.#call, {
      data: (chunk) => this.#read(chunk),
      ended: (broken) => this.#end(broken),
      undecodable: (cause) => this.#undecodable(cause),
    });
  }

  /** Takes bytes of the body, unpacked. */
  #read(chunk: Buffer): void {
    try {
      if (this.#reader !== null) this.#reader.data(chunk);
      else this.#readError(chunk);
    } catch (cause) {
      this.#unreadable(cause);
    }
  }

  #readError(chunk: Buffer): void {
    const fits = this.#errorBody.length + chunk.length <= MAX_ERROR_BODY_BYTES;
    if (fits) this.#errorBody.push(chunk, MAX_ERROR_BODY_BYTES);
    if (fits && this.#plan.answerBytes.set(this.#errorBody.length)) return;
    this.#endEarly();
  }

  #end(broken: Error | null): void {
    try {
      if (this.#reader !== null) this.#reader.ended(broken);
      // The status has said it all; a server that refuses early often resets the rest.
      else {
        const answer = { status: this.#status, headers: this.#answerHeaders, body: this.#errorBody.bytes };
        this.#fail(failureByStatus(this.#plan.codec, answer, this.#tools.clock.wallMs()));
      }
    } catch (cause) {
      this.#unreadable(cause);
    }
  }

  #timeIsUp(): void {
    const { client, deadlineMs, isLateByProviders: ofProviders } = this.#plan;
    const leftMs = deadlineMs - this.#tools.clock.nowMs();
    if (client !== null && !client.isWaiting() && leftMs > 0) {
      this.#deadline = this.#tools.timers.arm(leftMs, () => this.#timeIsUp());
    } else if (client?.isShorter === true && client.isWaiting()) {
      this.#giveUp({ fault: { kind: 'client-deadline' } });
    } else {
      this.#giveUp({
        fault: this.#startedLate ? { kind: 'out-of-time', ofProviders } : { kind: 'timeout', phase: 'total' },
      });
    }
  }

  #undecodable(cause: Error): void {
    if (this.#reader !== null) this.#unreadable(cause);
    else {
      this.#call?.abort();
      this.#end(cause);
    }
  }

  /** Also for what a reader should not throw: undici would swallow it, and nothing would end the attempt. */
  #unreadable(cause: unknown): void {
    this.#giveUp({ fault: { kind: 'unreadable' }, cause });
  }

  #emptyAnswer(body: Buffer, usage: Usage | null, mediaType?: string): AttemptFailure {
    const { stream } = this.#plan;
    const answer = { headers: this.#answerHeaders, body, stream };
    const emptyAnswer = mediaType === undefined ? answer : { ...answer, mediaType };
    return { fault: { kind: 'empty' }, usage, emptyAnswer };
  }

  /** Whether earlier attempts and waits used more than half of the total time: then this provider is not blamed. */
  get #startedLate(): boolean {
    return this.#grantedMs < this.#plan.target.timeouts.totalMs / 2;
  }

  #impatient(): void {
    if (!this.#plan.mayMove()) return;
    const { stream, client, patienceMs, target } = this.#plan;
    const phase = stream ? 'first_content' : 'headers';
    // It had half of what is left until the client's deadline.
    const isOfClient = client?.isShorter === true && (!stream || (patienceMs ?? 0) < target.timeouts.moveOnMs);
    const isHurried = this.#startedLate || isOfClient;
    const works = this.#aliveMs !== null && this.#tools.clock.nowMs() - this.#aliveMs < ALIVE_MS;
    this.#giveUp({ fault: { kind: works || isHurried ? 'hurried' : 'timeout', phase } });
  }

  /** Called for what the provider sends and the client gets nothing of. */
  #alive(): void {
    if (this.#patience !== null) this.#aliveMs = this.#tools.clock.nowMs();
    this.#plan.alive();
  }

  /** Ends the attempt without the rest of an error body. */
  #endEarly(): void {
    this.abort();
    this.#end(null);
  }

  #giveUp(failure: AttemptFailure): void {
    this.abort();
    if (this.#reader !== null) this.#reader.fail(failure);
    else this.#fail(failure);
  }

  #fail(failure: AttemptFailure): void {
    if (!this.#settle()) return;
    if (failure.emptyAnswer === undefined) this.#plan.answerBytes.set(0);
    const upstreamRequestId = requestIdOf(this.#answerHeaders);
    this.#resolve({
      kind: 'failed',
      failure: {
        ...failure,
        ...(this.#sent ? { isSent: true } : {}),
        ...(upstreamRequestId === null ? {} : { upstreamRequestId }),
        ...(this.#status === 0 ? {} : { headers: this.#answerHeaders }),
        ...(this.#answerHeaders['x-should-retry'] === 'false' ? { declined: true } : {}),
      },
    });
  }

  /** Marks the attempt as decided and cancels its limits. False if it was decided before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#deadline.cancel();
    this.#phaseLimit?.cancel();
    this.#patience?.cancel();
    this.#plan.cancellation.unwatch();
    return true;
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
