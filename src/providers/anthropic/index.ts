/** The translator for Anthropic's Messages API. */
import type { Translator } from '../types.ts';
import { readError } from './errors.ts';
import { makeRequest } from './request.ts';
import { readResponse } from './response.ts';
import { AnthropicStream } from './stream.ts';

export const anthropic: Translator = {
  request: makeRequest,
  response: readResponse,
  stream: (context) => new AnthropicStream(context),
  error: readError,
};
