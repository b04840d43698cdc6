/**
 * Reads a request body within its limits, and counts the bytes that all bodies together hold.
 */
import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '../../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../../shared/errors.ts';
import { checkBodySize, checkBuffered } from '../../policies/admission.ts';
import { joined } from '../../upstream/join-chunks.ts';
import type { PhaseTimer, PhaseTimers } from '../../upstream/phase-timers.ts';

const NOTHING = Buffer.alloc(0);

/** Limit for the time between two reads of a body. */
const BODY_PAUSE_MS = 30_000;

/** A body that is slower than this over the length of such a pause is refused. */
const LEAST_BYTES_PER_SECOND = 500;

/** Bytes of all bodies held in this worker. */
export interface BodyMeter {
  bytes: number;
}

/** A body in memory. `release` subtracts its bytes from the meter; a further call does nothing. */
export interface HeldBody {
  readonly bytes: Buffer;
  release(): void;
}

/** The client disconnected while it was sending the body. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** The parameters for reading a body. `pauseMs` is for tests. */
interface BodyReading {
  readonly server: ServerConfig;
  readonly meter: BodyMeter;
  readonly timers: PhaseTimers;
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
  bytes: Buffer = NOTHING;
  readonly #reading: BodyReading;
  readonly #resolve: (body: HeldBody) => void;
  readonly #reject: (error: Error) => void;
  /** What bytes buy: without any it expires after `pauseMs`, and it is never further away than that. */
  readonly #limit: PhaseTimer;
  readonly #pauseMs: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #over = false;

  constructor(
    incoming: IncomingMessage,
    reading: BodyReading,
    resolve: (body: HeldBody) => void,
    reject: (error: Error) => void,
  ) {
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

  /** Drops the bytes too: the message keeps its listeners, and so this object, until the response is closed. */
  release(): void {
    this.#reading.meter.bytes -= this.#held;
    this.#held = 0;
    this.bytes = NOTHING;
    this.#chunks = [];
  }

  #receive(chunk: Buffer): void {
    if (this.#over) return;
    const { server, meter } = this.#reading;
    this.#held += chunk.length;
    meter.bytes += chunk.length;
    try {
      checkBodySize(server, this.#held);
      checkBuffered(server, meter.bytes);
    } catch (error) {
      this.#refuse(asGatewayError(error));
      return;
    }
    this.#chunks.push(chunk);
    const boughtMs = (chunk.length / LEAST_BYTES_PER_SECOND) * 1000;
    this.#limit.extend(Math.min(this.#pauseMs, this.#limit.remainingMs() + boughtMs));
  }

  #complete(): void {
    if (!this.#settle()) return;
    this.bytes = joined(this.#chunks);
    this.#chunks = [];
    this.#resolve(this);
  }

  /** Comes for every message, after its end too: the error, with its stack, is made only where it is needed. */
  #closed(): void {
    if (!this.#over) this.#refuse(new ClientGoneError('the client disconnected while sending'));
  }

  #refuse(error: Error): void {
    if (!this.#settle()) return;
    this.release();
    // The rest of the body is still read and discarded. A client that sends everything before it reads would otherwise
    // never see the answer.
    this.#reject(error);
  }

  /** Ends the reading; false if it has ended before. */
  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#limit.cancel();
    return true;
  }
}
