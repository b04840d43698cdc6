/**
 * Writes a request of `generateContent`. The model and whether the answer is streamed are said by its path. Names of parameters that
 * Gemini does not have are sent back to the client.
 */
import type { GenerateRequest } from '../../wire/generate-content.ts';
import type { HubRequest } from '../hub.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { writeContents } from './write-contents.ts';
import { writeParams } from './write-params.ts';
import { writeTools } from './write-tools.ts';

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, target: RequestTarget): WrittenRequest {
  const { instruction, contents, dropped } = writeContents(request.messages, target.model);
  const params = writeParams(request, target);
  const tools = writeTools(request);
  const payload: GenerateRequest = {
    contents,
    ...(instruction === '' ? {} : { systemInstruction: { parts: [{ text: instruction }] } }),
    ...tools.fields,
    ...params.fields,
  };
  return { payload, dropped: [...params.dropped, ...tools.dropped, ...dropped] };
}
