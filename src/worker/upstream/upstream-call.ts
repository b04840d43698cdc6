/** One HTTP exchange with a provider, as undici's handler: which steps it takes, and why it failed. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { AnswerHeads } from './interim-answers.ts';
import { ownLack } from './own-lack.ts';

/** Why an exchange failed at the connection level. */
export interface ExchangeFailure {
  readonly kind: 'connection' | 'connect-timeout' | 'own-lack' | 'head-too-large';
  /** The socket was reused and died before a byte of this answer, so the request may be sent again immediately. */
  readonly resendable: boolean;
  readonly cause: Error;
}

/**
 * Receives the steps of an exchange. After `ended`, `failed` or `abort()`, no method is called any more. None may throw:
 * undici swallows what `ended` throws, and takes all else for a broken connection.
 */
export interface ExchangeListener {
  /** The request is on a connection. */
  sent(): void;
  headers(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  ended(): void;
  failed(failure: ExchangeFailure): void;
}

/** Of the pools of a worker: the call whose request undici is putting on a socket in this synchronous run. */
export interface Starting {
  call: UpstreamCall | null;
}

/** One HTTP exchange. Created by `UpstreamPools.call`. */
export class UpstreamCall implements Dispatcher.DispatchHandler {
  readonly #listener: ExchangeListener;
  readonly #starting: Starting;
  #controller: Dispatcher.DispatchController | null = null;
  #heads: AnswerHeads | null = null;
  #reused = false;
  #answered = false;
  #over = false;
  #wantsPause = false;

  constructor(listener: ExchangeListener, starting: Starting) {
    this.#listener = listener;
    this.#starting = starting;
  }

  /** Aborts the exchange and closes its connection. The listener is not called any more. Safe to repeat. */
  abort(): void {
    this.#over = true;
    this.#controller?.abort(new errors.RequestAbortedError());
  }

  /** Stops reading from the provider until `resume`. */
  pause(): void {
    this.#wantsPause = true;
    this.#controller?.pause();
  }

  /**
   * Reads on, once everything that runs now has ended: the caller may be inside undici's parser, which has one state for
   * all connections, and another connection that parses meanwhile fails.
   */
  resume(): void {
    if (!this.#wantsPause) return;
    this.#wantsPause = false;
    queueMicrotask(() => {
      if (!this.#wantsPause && !this.#over) this.#controller?.resume();
    });
  }

  /** Its request goes to the socket whose answers these are. */
  onSocket(heads: AnswerHeads): void {
    this.#heads = heads;
    this.#reused = heads.used;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#starting.call = this;
    if (this.#over) controller.abort(new errors.RequestAbortedError());
    else this.#listener.sent();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#controller = controller;
    if (this.#over || status < 200) return;
    this.#answered = true;
    this.#listener.headers(status, headers);
    if (this.#wantsPause) controller.pause();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#listener.data(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#over) return;
    this.#over = true;
    // A provider that has sent an interim answer has the request: it may be at work on it.
    const resendable = this.#reused && !this.#answered && this.#heads?.interim !== true;
    this.#listener.failed({ kind: kindOf(cause), resendable, cause });
  }
}

function kindOf(cause: Error): ExchangeFailure['kind'] {
  if (ownLack(cause) !== null) return 'own-lack';
  if (cause instanceof errors.HeadersOverflowError) return 'head-too-large';
  return cause instanceof errors.ConnectTimeoutError ? 'connect-timeout' : 'connection';
}
