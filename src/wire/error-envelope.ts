/**
 * OpenAI's error envelope: what a client of the data port gets for everything that went wrong, in a body or, after
 * commit, as the last event of a stream. Source: platform.openai.com/docs/api-reference (all four fields are required,
 * `param` and `code` may be null).
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
