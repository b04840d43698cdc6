/**
 * Reads a request body within its limits, and counts the bytes that it holds in memory.
 *
 * A client decides how its bytes are cut into chunks and how fast they come. So they are copied to one buffer, and after
 * so many chunks or bytes of one body the other connections have their turn.
 */
import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '../../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../../shared/errors.ts';
import { ByteHold } from '../../../wire/byte-hold.ts';
import { checkBodySize, checkBuffered, noMemory } from '../../policies/admission.ts';
import { type ByteMeter, HeldBytes } from '../../upstream/byte-meter.ts';
import type { PhaseTimer, PhaseTimers } from '../../upstream/phase-timers.ts';
import { TurnCounter } from '../../upstream/turn-counter.ts';

/** Limit for the time between two reads of a body. */
const BODY_PAUSE_MS = 30_000;

/** A body that is slower than this over the length of such a pause is refused. */
const LEAST_BYTES_PER_SECOND = 500;

/** Fewer bytes buy time only together with the next ones: to look at the clock for each byte takes a tenth of its time. */
const PAYING_BYTES = 64;

/** After so many bytes of one body, others have their turn. */
const TURN_BYTES = 128 * 1024;

/** A body in memory. */
export interface HeldBody {
  readonly bytes: Buffer;
  /**
   * Counts the bytes of what was made of it, in place of those counted before: 0 if it is sent as it came. Throws
   * `overloaded` if there is no room for them.
   */
  alsoHold(bytes: number): void;
  /** Subtracts all its bytes from the meter; a further call does nothing. */
  release(): void;
}

/** The client disconnected while it was sending the body. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Sees the bytes of a body as they come. */
interface BodyWatcher {
  push(chunk: Buffer): void;
  end(): void;
}

/** The parameters for reading a body. `pauseMs` is for tests. */
interface BodyReading {
  readonly server: ServerConfig;
  readonly meter: ByteMeter;
  readonly timers: PhaseTimers;
  /** Sees the bytes as they come; what it throws refuses the body. Default: nobody. */
  readonly watcher?: BodyWatcher;
  readonly pauseMs?: number;
}

/**
 * Reads the body. Rejects with `body_too_large`, `overloaded`, `request_timeout` or `ClientGoneError`; then its bytes
 * are no longer counted.
 */
export function readBody(incoming: IncomingMessage, reading: BodyReading): Promise<HeldBody> {
  return new Promise((resolve, reject) => new BodyReader(incoming, reading, resolve, reject));
}

class BodyReader implements HeldBody {
  readonly #incoming: IncomingMessage;
  readonly #reading: BodyReading;
  readonly #resolve: (body: HeldBody) => void;
  readonly #reject: (error: Error) => void;
  /** What bytes buy: without any it expires after `pauseMs`, and it is never further away than that. */
  readonly #limit: PhaseTimer;
  readonly #pauseMs: number;
  readonly #hold = new ByteHold();
  /** The declared length, or the largest. */
  readonly #most: number;
  readonly #also: HeldBytes;
  #received = 0;
  /** Received, but not yet counted for the limit. */
  #unpaid = 0;
  /** What the watcher has found. */
  #fault: Error | null = null;
  #over = false;
  readonly #turn = new TurnCounter(TURN_BYTES);

  constructor(
    incoming: IncomingMessage,
    reading: BodyReading,
    resolve: (body: HeldBody) => void,
    reject: (error: Error) => void,
  ) {
    this.#incoming = incoming;
    this.#also = new HeldBytes(reading.meter);
    this.#most = Number(incoming.headers['content-length'] ?? reading.server.maxBodyBytes);
    this.#reading = reading;
    this.#resolve = resolve;
    this.#reject = reject;
    const { timers, pauseMs = BODY_PAUSE_MS } = reading;
    this.#pauseMs = pauseMs;
    this.#limit = timers.arm(pauseMs, () => {
      const slow = `slower than ${LEAST_BYTES_PER_SECOND} bytes a second over ${pauseMs / 1000} s`;
      this.#refuse(new GatewayError('request_timeout', `The request's body came ${slow}.`));
    });
    // A broken connection also emits `close` on the message, and emits no error without a listener for it.
    incoming
      .on('data', (chunk: Buffer) => this.#receive(chunk))
      .on('end', () => this.#complete())
      .on('close', () => this.#closed());
  }

  get bytes(): Buffer {
    return this.#hold.bytes;
  }

  alsoHold(bytes: number): void {
    if (this.#also.set(bytes)) return;
    this.#also.set(0);
    throw noMemory();
  }

  /** Drops the bytes too: the message keeps its listeners, and so this object, until the response is closed. */
  release(): void {
    this.#also.set(0);
    this.#reading.meter.add(-this.#hold.length);
    this.#hold.clear();
  }

  #receive(chunk: Buffer): void {
    this.#takeTurns(chunk.length);
    if (this.#over) return;
    const { server, meter } = this.#reading;
    this.#received += chunk.length;
    try {
      checkBodySize(server, this.#received);
      checkBuffered(server, meter.bytes + chunk.length);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#watch(chunk);
    if (this.#fault === null) {
      this.#hold.push(chunk, this.#most);
      meter.add(chunk.length);
    }
    this.#unpaid += chunk.length;
    if (this.#unpaid < PAYING_BYTES) return;
    const boughtMs = (this.#unpaid / LEAST_BYTES_PER_SECOND) * 1000;
    this.#unpaid = 0;
    this.#limit.extend(Math.min(this.#pauseMs, this.#limit.remainingMs() + boughtMs));
  }

  /** A body at fault is not kept. It is refused at its end, like any other, so that one that is too large is called so. */
  #watch(chunk: Buffer | null): void {
    const { watcher } = this.#reading;
    if (this.#fault !== null || watcher === undefined) return;
    try {
      if (chunk === null) watcher.end();
      else watcher.push(chunk);
    } catch (error) {
      this.#fault = asError(error);
      this.release();
    }
  }

  /** Counts what a body that is over brings too: it is read on. */
  #takeTurns(bytes: number): void {
    if (!this.#turn.isOver(bytes)) return;
    this.#incoming.pause();
    setImmediate(() => this.#incoming.resume());
  }

  #complete(): void {
    if (this.#over) return;
    this.#watch(null);
    if (this.#fault !== null) this.#refuse(this.#fault);
    else if (this.#settle()) this.#resolve(this);
  }

  /** Comes for every message, after its end too: the error, with its stack, is made only where it is needed. */
  #closed(): void {
    if (!this.#over) this.#refuse(new ClientGoneError('the client disconnected while sending'));
  }

  #refuse(thrown: unknown): void {
    if (!this.#settle()) return;
    this.release();
    // The rest of the body is still read and discarded. A client that sends everything before it reads would otherwise
    // never see the answer.
    this.#reject(asError(thrown));
  }

  /** Ends the reading; false if it has ended before. */
  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#limit.cancel();
    return true;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : asGatewayError(thrown);
}
