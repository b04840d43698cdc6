/** What a client sees of one request, in the words of a person who watches its official SDK. */

export type Sighting =
  /** The SDK gave an answer, and no sign that anything is wrong with it. `finish` is the reason in the API's own word. */
  | { readonly kind: 'answer'; readonly text: string; readonly finish: string | null }
  /** An error status. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | null }
  /** The SDK told of an error after a 200; `text` is what it had given before. */
  | { readonly kind: 'broken'; readonly code: string; readonly text: string }
  /** The SDK gave something that is no answer, and no error. */
  | { readonly kind: 'malformed'; readonly what: string }
  /** The connection ended before any status. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** Nothing ended it but the client's own limit. */
  | { readonly kind: 'hang'; readonly text: string };
