/**
 * The interface of the fake providers: reading a request, and making the parts of an answer. It is pure: objects
 * in, bytes out. Sockets, faults and timing are in the files that use it.
 *
 * It shares no code with the gateway's own dialects on purpose: shared code would share their mistakes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask, DialectName } from './ask.ts';
import type { Content } from './content.ts';

/** The events of a stream, as bytes. Faults occur before, between and after the pieces. */
export interface StreamEvents {
  /** Default: that of server-sent events. */
  readonly mediaType?: string;
  /** What says nothing, but that its sender is alive. Default: a comment of server-sent events. */
  readonly comment?: Buffer;
  /** The role event and other events without content. */
  readonly opening: Buffer;
  readonly pieces: number;
  /** The event or events with piece `index` of the content. */
  piece(index: number): Buffer;
  /** The events that say why the answer ends, and its usage. */
  readonly finish: Buffer;
  /** `finish`, and the event without which no answer is complete. */
  readonly closing: Buffer;
  /** An event whose data is not JSON, or bytes that are no event. */
  readonly bad: Buffer;
  /**
   * The end of a stream that fails after `sent` pieces: an error event, or what the API has instead (`finish`): a last
   * event that says so.
   */
  error(sent: number, how: 'event' | 'finish'): Buffer;
}

/** A request that has been read, and how it is answered. */
export interface Asked {
  readonly ask: Ask;
  /** The whole plain answer. */
  plain(content: Content): string;
  /** Null for an API without streams, whose `ask.stream` is never true. */
  readonly stream: ((content: Content) => StreamEvents) | null;
}

/** One API of a provider. */
export interface Api {
  readonly paths: readonly string[];
  /** Whether it has this path, which names a model. Default: it has no such paths. */
  isAt?(path: string): boolean;
  /** Reads a body. Throws `Refusal` for one that the real provider would refuse. */
  read(body: unknown, version: string, path: string): Asked;
}

export interface Dialect {
  readonly name: DialectName;
  readonly apis: readonly Api[];
  /** The header with the request's id. */
  readonly idHeader: string;
  readonly maxBodyBytes: number;
  /** The API version of the request. Throws `Refusal` if the real provider would refuse it. */
  versionOf(headers: IncomingHttpHeaders): string;
  /** The body of an error answer. */
  error(status: number, message: string, param?: string): string;
  /** Those of an error answer. Default: none. */
  errorHeaders?(status: number): Readonly<Record<string, string>>;
  /** The status of a plain answer with the same error as that of a stream. */
  readonly streamErrorStatus: number;
  /** Bodies of the lists of models, by the path at which the real provider has each for GET. */
  readonly modelLists: ReadonlyMap<string, string>;
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
