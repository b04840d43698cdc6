/**
 * How far the answer to a request is with its client (`open-stream.ts` draws it). Whoever ends a request looks at it: only an
 * unsent answer can have a status, an opened one has no content yet and may still come from another target, and behind a
 * committed one no other attempt is possible. Whole answers are unsent until they go out in one piece.
 */
import type { ChunkedWriter } from './chunked-writer.ts';

export type ReplyStage =
  | { readonly kind: 'unsent' }
  | { readonly kind: 'opened'; readonly writer: ChunkedWriter }
  /** `afterMs`: when its first content came, in ms since the request's arrival. */
  | { readonly kind: 'committed'; readonly writer: ChunkedWriter; readonly afterMs: number };

export const UNSENT: ReplyStage = { kind: 'unsent' };
