/**
 * An answer ready to be sent, made once from a request and used again for the same request: load tests repeat
 * themselves, and then neither parsing nor serialising is paid twice.
 */

import type { Ask } from './dialects/ask.ts';
import { type Content, contentFor, noContent } from './dialects/content.ts';
import type { Dialect, StreamFrames } from './dialects/dialect.ts';
import type { Shape } from './dialects/shape.ts';

export type Answer =
  | { readonly kind: 'plain'; readonly body: Buffer }
  | { readonly kind: 'stream'; readonly frames: StreamFrames };

/** Frames up to so much content are built ahead; larger answers are built as they go. */
const mostPrebuiltBytes = 64 * 1024;

/** The healthy answer to `ask`. */
export function answerFor(dialect: Dialect, ask: Ask, shape: Shape): Answer {
  return answerWith(dialect, ask, contentFor(dialect.name, ask, shape));
}

/** A well-formed answer that says nothing. */
export function emptyAnswer(dialect: Dialect, ask: Ask): Answer {
  return answerWith(dialect, ask, noContent);
}

function answerWith(dialect: Dialect, ask: Ask, content: Content): Answer {
  if (!ask.stream) return { kind: 'plain', body: Buffer.from(dialect.plain(ask, content)) };
  const frames = dialect.stream(ask, content);
  return { kind: 'stream', frames: content.bytes <= mostPrebuiltBytes ? prebuilt(frames) : frames };
}

function prebuilt(frames: StreamFrames): StreamFrames {
  const built = Array.from({ length: frames.pieces }, (_, index) => frames.piece(index));
  return { ...frames, piece: (index) => built[index] ?? frames.piece(index) };
}

/** What a request's bytes were found to mean. */
export interface Prepared {
  readonly ask: Ask;
  readonly answer: Answer;
}

const mostEntries = 256;
const mostBodyBytes = 16 * 1024;

/** Remembers small requests by their bytes. It forgets everything when full or when the shape changes. */
export class PreparedRequests {
  readonly #entries = new Map<string, Prepared>();

  /** What `body` means in that version: remembered, or found by `prepare`, whose errors pass and are not remembered. */
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
