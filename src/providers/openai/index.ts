/** The dialect of OpenAI, and of every compatible provider that differs only in its base URL. */
import type { Translator } from '../types.ts';
import { readError } from './errors.ts';
import { makeRequest } from './request.ts';
import { readResponse } from './response.ts';
import { OpenaiStream } from './stream.ts';

export const openai: Translator = {
  request: makeRequest,
  response: readResponse,
  stream: (context) => new OpenaiStream(context),
  error: readError,
};
