/**
 * Reads a request body within its limits, and counts the bytes that it holds in memory.
 *
 * A client decides how its bytes are cut into chunks and how fast they come. So they are copied to one buffer, and after
 * so many chunks or bytes of one body the other connections have their turn. Of a packed body all limits are for what it
 * unpacks to, and it is given up as soon as that is too much.
 */
import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '../../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../../shared/errors.ts';
import { ByteHold } from '../../../wire/byte-hold.ts';
import { checkBodySize, checkBuffered, noMemory } from '../../policies/admission.ts';
import { type ByteMeter, HeldBytes } from '../../upstream/byte-meter.ts';
import type { PhaseTimers } from '../../upstream/phase-timers.ts';
import { TurnCounter } from '../../upstream/turn-counter.ts';
import { type Coding, Unpacker } from './unpacking.ts';
import { UploadPace } from './upload-pace.ts';

/** After so many bytes of one body, others have their turn. */
export const TURN_BYTES = 128 * 1024;

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
  /** How it is packed; default: it is not. */
  readonly coding?: Coding | null;
  readonly pauseMs?: number;
}

/**
 * Reads the body. Rejects with `body_too_large`, `overloaded`, `request_timeout`, `invalid_content_encoding` or
 * `ClientGoneError`; then its bytes are no longer counted.
 */
export function readBody(incoming: IncomingMessage, reading: BodyReading): Promise<HeldBody> {
  return new Promise((resolve, reject) => new BodyReader(incoming, reading, resolve, reject));
}

class BodyReader implements HeldBody {
  readonly #incoming: IncomingMessage;
  readonly #reading: BodyReading;
  readonly #resolve: (body: HeldBody) => void;
  readonly #reject: (error: Error) => void;
  readonly #pace: UploadPace;
  readonly #hold = new ByteHold();
  /** The length, if it is declared and not that of a packed body, or the largest. */
  readonly #most: number;
  readonly #also: HeldBytes;
  readonly #unpacker: Unpacker | null;
  /** All of the message is here. */
  #ended = false;
  /** The unpacker has enough for now. */
  #isFull = false;
  #othersTurn = false;
  #received = 0;
  #unpacked = 0;
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
    const { coding = null, server } = reading;
    const length = coding === null ? incoming.headers['content-length'] : undefined;
    this.#most = Number(length ?? server.maxBodyBytes);
    this.#unpacker = coding === null ? null : this.#unpackerOf(coding);
    this.#reading = reading;
    this.#resolve = resolve;
    this.#reject = reject;
    const tooSlow = (was: string) =>
      this.#refuse(new GatewayError('request_timeout', `The request's body came ${was}.`));
    this.#pace = new UploadPace(reading.timers, tooSlow, reading.pauseMs);
    // A broken connection also emits `close` on the message, and emits no error without a listener for it.
    incoming
      .on('data', (chunk: Buffer) => this.#receive(chunk))
      .on('end', () => this.#end())
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
    this.#received += chunk.length;
    if (this.#unpacker === null) this.#take(chunk, this.#received);
    else this.#unpack(this.#unpacker, chunk);
    if (!this.#over) this.#pace.received(chunk.length);
  }

  /** @param total bytes of the body so far, these included */
  #take(chunk: Buffer, total: number): void {
    if (this.#over) return;
    const { server, meter } = this.#reading;
    try {
      checkBodySize(server, total);
      checkBuffered(server, meter.bytes + chunk.length);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#watch(chunk);
    if (this.#fault !== null) return;
    this.#hold.push(chunk, this.#most);
    meter.add(chunk.length);
  }

  #unpackerOf(coding: Coding): Unpacker {
    return new Unpacker(coding, {
      take: (chunk) => {
        this.#unpacked += chunk.length;
        this.#take(chunk, this.#unpacked);
      },
      complete: () => this.#complete(),
      drained: () => {
        this.#isFull = false;
        this.#readOn();
      },
      broken: (error) => this.#refuse(error),
    });
  }

  /** What is packed counts, too: a packed body may go on for ever and bring nothing. */
  #unpack(unpacker: Unpacker, chunk: Buffer): void {
    try {
      checkBodySize(this.#reading.server, this.#received);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (unpacker.push(chunk)) return;
    this.#isFull = true;
    this.#incoming.pause();
  }

  #readOn(): void {
    if (!this.#isFull && !this.#othersTurn) this.#incoming.resume();
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
    this.#othersTurn = true;
    this.#incoming.pause();
    setImmediate(() => {
      this.#othersTurn = false;
      this.#readOn();
    });
  }

  #end(): void {
    this.#ended = true;
    if (this.#unpacker === null) this.#complete();
    else if (!this.#over) this.#unpacker.end();
  }

  #complete(): void {
    if (this.#over) return;
    this.#watch(null);
    if (this.#fault !== null) this.#refuse(this.#fault);
    else if (this.#settle()) this.#resolve(this);
  }

  /** Comes for every message, after its end too: the error, with its stack, is made only where it is needed. */
  #closed(): void {
    if (!this.#over && !this.#ended) this.#refuse(new ClientGoneError('the client disconnected while sending'));
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
    this.#pace.cancel();
    this.#unpacker?.stop();
    if (this.#isFull) {
      this.#isFull = false;
      this.#readOn();
    }
    return true;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : asGatewayError(thrown);
}
