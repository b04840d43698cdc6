/**
 * OpenAI's error envelope: the body of an error or, after the commit, the last event of a stream. Source:
 * platform.openai.com/docs/api-reference (all four fields are required, `param` and `code` may be null).
 */

export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** What the gateway adds beside OpenAI's fields to an error of its own. */
export interface HeadgateFacts {
  /** Who has to act: `client`, `policy`, `provider` or `gateway`. */
  readonly owner: string;
  /** The last provider that was asked; null where none was. */
  readonly provider: string | null;
  /** As in `x-headgate-attempts`. */
  readonly attempts: string;
  /** As in `x-request-id` and in the log. */
  readonly request_id: string;
}

/** The whole body of an error answer. */
export function errorEnvelope(error: ErrorBody, headgate?: HeadgateFacts) {
  const { message, type, param, code } = error;
  return { error: { message, type, param, code, ...(headgate === undefined ? {} : { headgate }) } };
}
