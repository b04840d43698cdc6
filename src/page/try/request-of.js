/** The request of a prompt in each API, and what its answer's events say. Pure. */

/** What an answer may be long at most: it is a try. */
const MOST_TOKENS = 1_024;

/** @param {string} path @param {string} model @param {string} prompt */
export function requestOf(path, model, prompt) {
  const messages = [{ role: 'user', content: prompt }];
  if (path === '/v1/responses') return { model, input: prompt, stream: true };
  if (path === '/v1/messages') return { model, max_tokens: MOST_TOKENS, messages, stream: true };
  return { model, messages, stream: true };
}

/**
 * The text that an event brings.
 *
 * @param {any} event its data, parsed
 * @returns {{ text: string, error: string | null }}
 */
export function textOf(event) {
  const error = event?.error?.message ?? event?.response?.error?.message ?? null;
  if (event?.type === 'content_block_delta') return { text: event.delta?.text ?? '', error };
  if (event?.type === 'response.output_text.delta') return { text: event.delta ?? '', error };
  return { text: event?.choices?.[0]?.delta?.content ?? '', error };
}

/** The text of an answer that is no stream. @param {any} answer */
export function wholeText(answer) {
  const parts = answer?.content ?? answer?.output?.flatMap((/** @type {any} */ { content = [] }) => content) ?? [];
  const text = Array.isArray(parts) ? parts.map((/** @type {any} */ part) => part?.text ?? '').join('') : '';
  return answer?.choices?.[0]?.message?.content ?? text;
}
