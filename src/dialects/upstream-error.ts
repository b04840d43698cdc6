/** A provider's error in the form that all dialects share, and the error for an answer that cannot be read. */
import type { ErrorSubject } from './error-subject.ts';
import type { Usage } from './hub.ts';

/** A provider's error, with the provider's own texts. */
export interface UpstreamError {
  /** The HTTP status, or the status that the type of an in-band error stands for; null if unknown. */
  readonly status: number | null;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Money or quota has run out: no retry on this key helps for minutes. */
  readonly quota: boolean;
  /** What it is about; null where its words do not say. */
  readonly subject: ErrorSubject | null;
  /** A wait that stands in the body (Gemini's RetryInfo); headers are read by the caller. */
  readonly retryAfterMs: number | null;
}

/** A 2xx answer whose payload does not follow the dialect. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  /** Set if the payload is the provider's error, sent with a 200; else null. */
  readonly error: UpstreamError | null;
  /** Whether the payload is sound, but of a form that the dialect does not have. */
  readonly otherForm: boolean;
  /** What the provider has counted all the same; null if nothing. */
  readonly usage: Usage | null;

  constructor(
    message: string,
    details: { readonly error?: UpstreamError; readonly otherForm?: boolean; readonly usage?: Usage | null } = {},
  ) {
    super(message);
    this.usage = details.usage ?? null;
    this.error = details.error ?? null;
    this.otherForm = details.otherForm ?? false;
  }
}
