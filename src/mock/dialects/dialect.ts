/**
 * The interface of the two dialects: reading a request, and making the parts of an answer. A dialect is pure: objects
 * in, bytes out. Sockets, faults and timing are in the files that use it.
 *
 * It shares no code with the gateway's own dialects on purpose: shared code would share their mistakes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask, DialectName } from './ask.ts';
import type { Content } from './content.ts';

/** The server-sent events of a stream, as bytes. Faults occur before, between and after the pieces. */
export interface StreamEvents {
  /** The role event and other events without content. */
  readonly opening: Buffer;
  readonly pieces: number;
  /** The event or events with piece `index` of the content. */
  piece(index: number): Buffer;
  /** The events after the content: finish, usage and the terminal. */
  readonly closing: Buffer;
}

export interface Dialect {
  readonly name: DialectName;
  /** The paths of completion requests. */
  readonly paths: readonly string[];
  /** The header with the request's id. */
  readonly idHeader: string;
  readonly maxBodyBytes: number;
  /** The API version of the request. Throws `Refusal` if the real provider would refuse it. */
  versionOf(headers: IncomingHttpHeaders): string;
  /** Reads a body. Throws `Refusal` for one that the real provider would refuse. */
  read(body: unknown, version: string): Ask;
  /** The whole plain answer. */
  plain(ask: Ask, content: Content): string;
  stream(ask: Ask, content: Content): StreamEvents;
  /** The body of an error answer. */
  error(status: number, message: string, param?: string): string;
  /** The event of an error inside a stream that began with 200. */
  readonly errorEvent: Buffer;
  /** The status of a plain answer with the same error as `errorEvent`. */
  readonly errorEventStatus: number;
  /** An event whose data is not JSON. */
  readonly badEvent: Buffer;
  /** The body of `GET /v1/models`. */
  readonly models: string;
}

/** The error for a request that the dialect refuses. */
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
