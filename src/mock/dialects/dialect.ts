/**
 * What the two dialects have in common: how a request is read, and the pieces that an answer is made of. A dialect is
 * pure, objects in and bytes out; sockets, faults and timing belong to the files that use it.
 *
 * Written apart from the gateway's own translators on purpose: sharing their code would share their mistakes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask, DialectName } from './ask.ts';
import type { Content } from './content.ts';

/** A stream's bytes. Before, between and after the pieces is where faults strike. */
export interface StreamFrames {
  /** Role and other frames without content. */
  readonly opening: Buffer;
  readonly pieces: number;
  /** The frame or frames that carry piece `index`. */
  piece(index: number): Buffer;
  /** Finish, usage and the terminal. */
  readonly closing: Buffer;
}

export interface Dialect {
  readonly name: DialectName;
  /** Where completions are posted. */
  readonly paths: readonly string[];
  /** The header that carries a request's id. */
  readonly idHeader: string;
  readonly maxBodyBytes: number;
  /** The API version that the request is written for. Throws `Refusal` where the real provider would. */
  versionOf(headers: IncomingHttpHeaders): string;
  /** Throws `Refusal` for a body that the real provider would not take. */
  read(body: unknown, version: string): Ask;
  /** The whole plain answer. */
  plain(ask: Ask, content: Content): string;
  stream(ask: Ask, content: Content): StreamFrames;
  /** The body of an error answer. */
  error(status: number, message: string, param?: string): string;
  /** An error inside a stream that began with 200, as bytes of that stream. */
  readonly errorFrame: Buffer;
  /** The status that `errorFrame` stands for, which a plain answer has instead. */
  readonly errorFrameStatus: number;
  /** A frame of the stream whose data is no JSON. */
  readonly badFrame: Buffer;
  /** The body of `GET /v1/models`. */
  readonly models: string;
}

/** A request that the dialect does not take. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly param: string | undefined;

  constructor(message: string, param?: string, status = 400) {
    super(message);
    this.status = status;
    this.param = param;
  }
}
