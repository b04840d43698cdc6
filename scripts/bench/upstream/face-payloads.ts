/**
 * Answers of the same words in each dialect of chats, as their providers write them. A stream's parts are those of
 * `streamEvents`: the first piece has content already.
 */
import { plainAnswer, streamEvents } from './payloads.ts';

/** What a path is answered with. */
export interface Answers {
  readonly plain: string;
  readonly stream: { readonly first: string; readonly content: string; readonly end: string };
}

const WORDS = 'Hello there, how can I help you today?';

const named = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const message = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [] as object[] },
  ...{ stop_reason: null as string | null, stop_sequence: null, usage: { input_tokens: 2, output_tokens: 1 } },
};
const textDelta = (text: string) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });

const messages: Answers = {
  plain: JSON.stringify({
    ...message,
    content: [{ type: 'text', text: WORDS }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 2, output_tokens: 18 },
  }),
  stream: {
    first:
      named('message_start', { message }) +
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      textDelta('A'),
    content: textDelta(' word'),
    end:
      named('content_block_stop', { index: 0 }) +
      named('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 18 },
      }) +
      named('message_stop'),
  },
};

const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] as object[] };
const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
const done = { ...item, status: 'completed', content: [part(WORDS)] };
const response = {
  ...{ id: 'resp_1', object: 'response', created_at: 1_750_000_000, status: 'in_progress', error: null },
  ...{ incomplete_details: null, instructions: null, metadata: {}, model: 'gpt-4', output: [] as object[] },
  ...{ parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1, usage: null },
};
const completed = {
  ...response,
  status: 'completed',
  output: [done],
  usage: {
    ...{ input_tokens: 2, output_tokens: 18, total_tokens: 20 },
    ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
  },
};
const at = { item_id: item.id, output_index: 0, content_index: 0 };
const outputDelta = (delta: string) =>
  named('response.output_text.delta', { sequence_number: 4, ...at, delta, logprobs: [] });

const responses: Answers = {
  plain: JSON.stringify(completed),
  stream: {
    first:
      named('response.created', { sequence_number: 0, response }) +
      named('response.in_progress', { sequence_number: 1, response }) +
      named('response.output_item.added', { sequence_number: 2, output_index: 0, item }) +
      named('response.content_part.added', { sequence_number: 3, ...at, part: part('') }) +
      outputDelta('A'),
    content: outputDelta(' word'),
    end:
      named('response.output_text.done', { sequence_number: 5, ...at, text: WORDS, logprobs: [] }) +
      named('response.content_part.done', { sequence_number: 6, ...at, part: part(WORDS) }) +
      named('response.output_item.done', { sequence_number: 7, output_index: 0, item: done }) +
      named('response.completed', { sequence_number: 8, response: completed }),
  },
};

/** The answers of a path; those of chat completions for every other. */
export function answersAt(path: string): Answers {
  if (path === '/v1/messages') return messages;
  return path === '/v1/responses' ? responses : { plain: plainAnswer, stream: streamEvents };
}
