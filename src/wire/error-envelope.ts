/**
 * OpenAI's error envelope. A client of the data port gets it for every error: as the body or, after the commit, as the
 * last event of a stream. Source: platform.openai.com/docs/api-reference (all four fields are required, `param` and
 * `code` may be null).
 */

export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** The whole body of an error answer. */
export function errorEnvelope(error: ErrorBody): { readonly error: ErrorBody } {
  const { message, type, param, code } = error;
  return { error: { message, type, param, code } };
}
