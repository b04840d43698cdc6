/** OpenAI's own dialect, and that of every provider compatible with it by its base URL. */
import type { Translator } from '../types.ts';
import { readError } from './errors.ts';
import { makeRequest } from './request.ts';
import { readResponse } from './response.ts';
import { OpenaiStream } from './stream.ts';

export const openai: Translator = {
  request: makeRequest,
  response: readResponse,
  stream: ({ choices }) => new OpenaiStream(choices),
  error: readError,
};
