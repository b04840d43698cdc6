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
import type { AnswerContext, TranslatedResponse, Translator, Usage } from '../../providers/types.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { retryAfterMs } from '../policies/retry-after.ts';
import { type AttemptFailure, failureByPayload } from './attempt-failure.ts';
import type { Cancellation } from './cancellation.ts';
import { joined } from './join-chunks.ts';
import { LiveStream } from './live-stream.ts';
import type { PhaseTimer, PhaseTimers } from './phase-timers.ts';
import type {
  ExchangeFailure,
  ExchangeListener,
  OutgoingRequest,
  UpstreamCall,
  UpstreamPools,
} from './upstream-pools.ts';

/** The parameters of one attempt. */
export interface AttemptPlan {
  readonly provider: ProviderConfig;
  readonly target: TargetConfig;
  readonly translator: Translator;
  readonly outgoing: OutgoingRequest;
  readonly context: AnswerContext;
  readonly stream: boolean;
  /** Longest time for a plain answer while another target is left to ask; null: until the deadline. */
  readonly patienceMs: number | null;
  /** The deadline of the whole request, on `clock`. */
  readonly deadlineMs: number;
  /** Cancelled if the client leaves or the drain's limit is reached; its reason becomes the result. */
  readonly cancellation: Cancellation;
}

export type AttemptEnd =
  | { readonly kind: 'answer'; readonly response: TranslatedResponse; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'stream'; readonly stream: LiveStream; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure };

/** The objects that all attempts of a worker share. */
export interface AttemptTools {
  readonly pools: UpstreamPools;
  readonly timers: PhaseTimers;
  readonly clock: Clock;
}

/** The rest of a larger error body is not read. */
const MAX_ERROR_BODY_BYTES = 1024 * 1024;

/** A larger plain answer counts as unreadable. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The body of an error answer is read for at most this time; then the attempt ends with what has arrived. */
const ERROR_BODY_MS = 5000;

/** What a provider's id may consist of to be logged and sent on. */
const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** Makes the attempt; never rejects. */
export function runAttempt(plan: AttemptPlan, tools: AttemptTools): Promise<AttemptEnd> {
  return new Promise((resolve) => new Exchange(plan, tools, resolve, true).start());
}

class Exchange implements ExchangeListener {
  readonly #plan: AttemptPlan;
  readonly #tools: AttemptTools;
  readonly #resolve: (end: AttemptEnd) => void;
  /** Whether it may be sent again within the same attempt. */
  readonly #isFirst: boolean;
  #call: UpstreamCall | null = null;
  /** The remaining time of the request when this attempt began. */
  readonly #grantedMs: number;
  readonly #deadline: PhaseTimer;
  #headersLimit: PhaseTimer | null = null;
  #patience: PhaseTimer | null = null;
  #status = 0;
  #answerHeaders: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #stream: LiveStream | null = null;
  #settled = false;

  constructor(plan: AttemptPlan, tools: AttemptTools, resolve: (end: AttemptEnd) => void, isFirst: boolean) {
    this.#plan = plan;
    this.#tools = tools;
    this.#resolve = resolve;
    this.#isFirst = isFirst;
    this.#grantedMs = plan.deadlineMs - tools.clock.nowMs();
    this.#deadline = tools.timers.arm(this.#grantedMs, () => this.#timeOut('total'));
  }

  start(): void {
    const { provider, target, outgoing, cancellation } = this.#plan;
    if (this.#plan.patienceMs !== null) {
      this.#patience = this.#tools.timers.arm(this.#plan.patienceMs, () => this.#timeOut('headers'));
    }
    cancellation.watch((reason) => this.#abort({ result: { kind: reason } }));
    if (!this.#settled) this.#call = this.#tools.pools.call(provider, target, outgoing, this);
  }

  sent(): void {
    if (!this.#plan.stream) return;
    this.#headersLimit = this.#tools.timers.arm(this.#plan.target.timeouts.headersMs, () => this.#timeOut('headers'));
  }

  headers(status: number, headers: IncomingHttpHeaders): void {
    this.#headersLimit?.cancel();
    this.#status = status;
    this.#answerHeaders = headers;
    if (!isSuccess(status)) this.#headersLimit = this.#tools.timers.arm(ERROR_BODY_MS, () => this.#endEarly());
    if (!this.#plan.stream || !isSuccess(status) || isJson(headers) || this.#call === null) return;
    this.#stream = new LiveStream({
      translator: this.#plan.translator.stream(this.#plan.context),
      timeouts: this.#plan.target.timeouts,
      timers: this.#tools.timers,
      source: this.#call,
      committed: () => this.#commit(),
      refused: (failure) => this.#fail(failure),
      empty: (body, usage) => this.#fail(this.#emptyAnswer(body, usage)),
    });
  }

  data(chunk: Buffer): void {
    if (this.#stream !== null) {
      this.#stream.data(chunk);
      return;
    }
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes <= (isSuccess(this.#status) ? MAX_ANSWER_BYTES : MAX_ERROR_BODY_BYTES)) {
      this.#chunks.push(chunk);
    } else if (isSuccess(this.#status)) {
      this.#abort({ result: { kind: 'unreadable' }, cause: new Error(`an answer over ${MAX_ANSWER_BYTES} bytes`) });
    } else {
      this.#endEarly();
    }
  }

  ended(): void {
    if (this.#stream !== null) this.#stream.ended();
    else if (!isSuccess(this.#status)) this.#fail(this.#failureByStatus(joined(this.#chunks)));
    else this.#answer(joined(this.#chunks));
  }

  failed({ kind, resendable, cause }: ExchangeFailure): void {
    if (this.#stream !== null) {
      this.#stream.fail({ result: { kind: 'cut' }, cause });
    } else if (isSuccess(this.#status)) {
      this.#fail({ result: { kind: 'unreadable' }, cause });
    } else if (this.#status !== 0) {
      // The status is enough. A server that refuses a request early often resets the connection.
      this.ended();
    } else if (resendable && this.#isFirst && this.#settle()) {
      new Exchange(this.#plan, this.#tools, this.#resolve, false).start();
    } else if (kind === 'connect-timeout') {
      this.#fail({ result: { kind: 'timeout', phase: 'connect' }, cause });
    } else {
      this.#fail({ result: { kind: 'connection' }, cause });
    }
  }

  #answer(body: Buffer): void {
    let response: TranslatedResponse;
    try {
      response = this.#plan.translator.response(body, this.#plan.context);
    } catch (cause) {
      this.#fail(failureByPayload(cause));
      return;
    }
    // A whole answer to a stream request counts as unreadable. It was parsed only to find an error in it.
    if (this.#plan.stream)
      this.#fail({ result: { kind: 'unreadable' }, cause: new Error('JSON came instead of a stream') });
    else if (response.empty) this.#fail(this.#emptyAnswer(response.body, response.usage));
    else if (this.#settle()) this.#resolve({ kind: 'answer', response, headers: this.#answerHeaders });
  }

  #commit(): void {
    const stream = this.#stream;
    if (stream !== null && this.#settle()) this.#resolve({ kind: 'stream', stream, headers: this.#answerHeaders });
  }

  #failureByStatus(body: Buffer): AttemptFailure {
    const error = this.#plan.translator.error(this.#status, body);
    const askedMs = retryAfterMs(this.#answerHeaders, this.#tools.clock.wallMs()) ?? error.retryAfterMs;
    return {
      result: { kind: 'status', status: this.#status, quota: error.quota, subject: error.subject },
      error,
      body,
      ...(askedMs === null ? {} : { retryAfterMs: askedMs }),
    };
  }

  #emptyAnswer(body: Buffer, usage: Usage | null): AttemptFailure {
    const { stream } = this.#plan;
    return { result: { kind: 'empty' }, emptyAnswer: { headers: this.#answerHeaders, usage, body, stream } };
  }

  #timeOut(phase: 'headers' | 'total'): void {
    // If earlier attempts and waits used more than half of the total time, this provider is not blamed.
    const startedLate = phase === 'total' && this.#grantedMs < this.#plan.target.timeouts.totalMs / 2;
    this.#abort({ result: startedLate ? { kind: 'limit' } : { kind: 'timeout', phase } });
  }

  /** Ends the attempt without the rest of an error body. */
  #endEarly(): void {
    this.#call?.abort();
    this.ended();
  }

  #abort(failure: AttemptFailure): void {
    this.#call?.abort();
    if (this.#stream !== null) this.#stream.fail(failure);
    else this.#fail(failure);
  }

  #fail(failure: AttemptFailure): void {
    if (!this.#settle()) return;
    const upstreamRequestId = requestIdOf(this.#answerHeaders);
    this.#resolve({
      kind: 'failed',
      failure: upstreamRequestId === null ? failure : { ...failure, upstreamRequestId },
    });
  }

  /** Marks the attempt as decided and cancels its limits. False if it was decided before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#deadline.cancel();
    this.#headersLimit?.cancel();
    this.#patience?.cancel();
    this.#plan.cancellation.unwatch();
    return true;
  }
}

/** The id by which a provider finds a request in its own logs; null where it sent none. */
export function requestIdOf(headers: IncomingHttpHeaders): string | null {
  const id =
    headers['x-request-id'] ?? headers['request-id'] ?? headers['x-amzn-requestid'] ?? headers['apim-request-id'];
  return typeof id === 'string' && SANE_REQUEST_ID.test(id) ? id : null;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/json') ?? false;
}
