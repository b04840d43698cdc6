/** The request of a prompt in each API, and what its answer's events say. Pure. */

/** What an answer may be long at most: it is a try. */
export const MOST_TOKENS = 1_024;

/** The body of a request. @param {string} path @param {string} model @param {string} prompt */
export function requestOf(path, model, prompt) {
  const messages = [{ role: 'user', content: prompt }];
  if (path === '/v1/responses') return { model, input: prompt, stream: true };
  if (path === '/v1/messages') return { model, max_tokens: MOST_TOKENS, messages, stream: true };
  return { model, messages, stream: true };
}

/**
 * What is read of an event's data or of a whole answer, of whichever API.
 *
 * @typedef {{ text?: string }} Part
 * @typedef {{ error?: { message?: string } }} Failed
 * @typedef {{ content?: string }} Words
 * @typedef {Failed & { type?: string, delta?: string | Part, response?: Failed, content?: Part[],
 *   output?: { content?: Part[] }[], choices?: { delta?: Words, message?: Words }[] }} Said
 */

/**
 * The text that an event brings.
 *
 * @param {Said | null} event its data, parsed
 * @returns {{ text: string, error: string | null }}
 */
export function textOf(event) {
  const error = event?.error?.message ?? event?.response?.error?.message ?? null;
  const { type, delta, choices } = event ?? {};
  if (type === 'content_block_delta' && typeof delta === 'object') return { text: delta.text ?? '', error };
  if (type === 'response.output_text.delta' && typeof delta === 'string') return { text: delta, error };
  return { text: choices?.[0]?.delta?.content ?? '', error };
}

/** The text of an answer that is no stream. @param {Said | null} answer */
export function wholeText(answer) {
  const parts = answer?.content ?? answer?.output?.flatMap(({ content = [] }) => content) ?? [];
  const text = Array.isArray(parts) ? parts.map((part) => part?.text ?? '').join('') : '';
  return answer?.choices?.[0]?.message?.content ?? text;
}
