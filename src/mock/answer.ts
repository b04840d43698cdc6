/**
 * Makes an answer from a request, and reuses it for the same request. Load tests repeat their requests, so this saves
 * most of the parsing and serialising.
 */

import type { Ask } from './dialects/ask.ts';
import { type Content, contentFor, noContent } from './dialects/content.ts';
import type { Dialect, StreamEvents } from './dialects/dialect.ts';
import type { Shape } from './dialects/shape.ts';

export type Answer =
  | { readonly kind: 'plain'; readonly body: Buffer }
  | { readonly kind: 'stream'; readonly events: StreamEvents };

/** Up to this size of content all events are built in advance; larger answers build each event when they send it. */
const mostPrebuiltBytes = 64 * 1024;

/** The healthy answer to `ask`. */
export function answerFor(dialect: Dialect, ask: Ask, shape: Shape): Answer {
  return answerWith(dialect, ask, contentFor(dialect.name, ask, shape));
}

/** A well-formed answer without content. */
export function emptyAnswer(dialect: Dialect, ask: Ask): Answer {
  return answerWith(dialect, ask, noContent);
}

function answerWith(dialect: Dialect, ask: Ask, content: Content): Answer {
  if (!ask.stream) return { kind: 'plain', body: Buffer.from(dialect.plain(ask, content)) };
  const events = dialect.stream(ask, content);
  return { kind: 'stream', events: content.bytes <= mostPrebuiltBytes ? prebuilt(events) : events };
}

function prebuilt(events: StreamEvents): StreamEvents {
  const built = Array.from({ length: events.pieces }, (_, index) => events.piece(index));
  return { ...events, piece: (index) => built[index] ?? events.piece(index) };
}

/** The parsed request and the answer to it. */
export interface Prepared {
  readonly ask: Ask;
  readonly answer: Answer;
}

const mostEntries = 256;
const mostBodyBytes = 16 * 1024;

/** A cache of small requests by their bytes. It is cleared when it is full or when the shape changes. */
export class PreparedRequests {
  readonly #entries = new Map<string, Prepared>();

  /** The entry for `body` in this API version, or the result of `prepare`. Errors of `prepare` are not cached. */
  get(version: string, body: Buffer, prepare: () => Prepared): Prepared {
    if (body.length > mostBodyBytes) return prepare();
    const key = `${version} ${body.toString('latin1')}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const prepared = prepare();
    if (this.#entries.size >= mostEntries) this.#entries.clear();
    this.#entries.set(key, prepared);
    return prepared;
  }

  clear(): void {
    this.#entries.clear();
  }
}
