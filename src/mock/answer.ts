/**
 * Makes an answer from a request, and reuses it for the same request. Load tests repeat their requests, so this saves
 * most of the parsing and serialising.
 */

import type { DialectName } from './dialects/ask.ts';
import { type Content, contentFor, noContent } from './dialects/content.ts';
import type { Asked, StreamEvents } from './dialects/dialect.ts';
import type { Shape } from './dialects/shape.ts';

export type Answer =
  | { readonly kind: 'plain'; readonly body: Buffer }
  | { readonly kind: 'stream'; readonly events: StreamEvents };

/** Up to this size of content all events are built in advance; larger answers build each event when they send it. */
const mostPrebuiltBytes = 64 * 1024;

/** The healthy answer of a provider. */
export function answerFor(provider: DialectName, asked: Asked, shape: Shape): Answer {
  return answerWith(asked, contentFor(provider, asked.ask, shape));
}

/** A well-formed answer without content. */
export function emptyAnswer(asked: Asked): Answer {
  return answerWith(asked, noContent);
}

/** The healthy answer in the form that was not asked for; an API without streams has only one. */
export function otherForm(provider: DialectName, asked: Asked, shape: Shape): Answer {
  const content = contentFor(provider, asked.ask, shape);
  if (asked.ask.stream || asked.stream === null) return { kind: 'plain', body: Buffer.from(asked.plain(content)) };
  return { kind: 'stream', events: asked.stream(content) };
}

function answerWith(asked: Asked, content: Content): Answer {
  if (!asked.ask.stream || asked.stream === null) return { kind: 'plain', body: Buffer.from(asked.plain(content)) };
  const events = asked.stream(content);
  return { kind: 'stream', events: content.bytes <= mostPrebuiltBytes ? prebuilt(events) : events };
}

function prebuilt(events: StreamEvents): StreamEvents {
  const built = Array.from({ length: events.pieces }, (_, index) => events.piece(index));
  return { ...events, piece: (index) => built[index] ?? events.piece(index) };
}

/** The parsed request and the answer to it. */
interface Prepared {
  readonly asked: Asked;
  readonly answer: Answer;
}

const mostEntries = 256;
const mostBodyBytes = 16 * 1024;

/** A cache of small requests by their bytes. It is cleared when it is full or when the shape changes. */
export class PreparedRequests {
  readonly #entries = new Map<string, Prepared>();

  /** The entry for `body` at this API, or the result of `prepare`. Errors of `prepare` are not cached. */
  get(api: string, body: Buffer, prepare: () => Prepared): Prepared {
    if (body.length > mostBodyBytes) return prepare();
    const key = `${api} ${body.toString('latin1')}`;
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
