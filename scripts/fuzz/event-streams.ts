/** Streams as providers send them, in their dialects: events in any order, written in any way, damaged or not. */
import fc from 'fast-check';
import { damagedJson, damages, mutated } from './mutations.ts';

const chunk = (choice: object, more: object = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [choice],
  ...more,
});
const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":' } };

const chatEvents: readonly object[] = [
  chunk({ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }),
  chunk({ index: 0, delta: { content: 'Hello é😀' }, finish_reason: null }),
  chunk({ index: 0, delta: { content: 'more' }, finish_reason: null }),
  chunk({ index: 0, delta: { reasoning_content: 'because' }, finish_reason: null }),
  chunk({ index: 0, delta: { tool_calls: [call] }, finish_reason: null }),
  chunk({ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '1}' } }] }, finish_reason: null }),
  chunk({ index: 0, delta: { tool_calls: [{ ...call, id: 'call_2', function: { name: 'g', arguments: {} } }] } }),
  chunk({ index: 0, delta: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] } }),
  chunk({ index: 0, delta: { annotations: [{ url: 'x' }], function_call: { name: 'h', arguments: '' } } }),
  chunk({ index: 1, delta: { refusal: 'no' }, finish_reason: 'content_filter' }),
  chunk({ index: 0, delta: {}, finish_reason: 'stop' }),
  chunk({ index: 0, delta: {}, finish_reason: 'tool_calls' }, { usage: { prompt_tokens: 5, completion_tokens: 2 } }),
  {
    id: 'c',
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 1 } },
  },
  { choices: [{ index: 0, message: { role: 'assistant', content: 'whole' }, finish_reason: 'stop' }] },
  { error: { message: 'overloaded', type: 'server_error', code: 503 } },
];

const block = (type: string, more: object) => ({ type, index: 0, ...more });

const messageEvents: readonly object[] = [
  {
    type: 'message_start',
    message: { id: 'm', model: 'c', role: 'assistant', usage: { input_tokens: 4, output_tokens: 1 } },
  },
  block('content_block_start', { content_block: { type: 'text', text: '' } }),
  block('content_block_delta', { delta: { type: 'text_delta', text: 'Hello é😀' } }),
  block('content_block_start', { content_block: { type: 'thinking', thinking: '' } }),
  block('content_block_delta', { delta: { type: 'thinking_delta', thinking: 'because' } }),
  block('content_block_start', { content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } }),
  block('content_block_delta', { delta: { type: 'input_json_delta', partial_json: '{"a":1}' } }),
  block('content_block_delta', { delta: { type: 'signature_delta', signature: 's' } }),
  block('content_block_delta', { delta: { type: 'citations_delta', citation: { n: 2 ** 60 } } }),
  block('content_block_stop', {}),
  block('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'u', name: 'g', input: { a: 1 } } }),
  block('content_block_start', { index: 1, content_block: { type: 'redacted_thinking', data: 'd' } }),
  block('content_block_start', { index: 1, content_block: { type: 'web_search_tool_result', content: [] } }),
  block('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"b":' } }),
  block('content_block_delta', { index: 1, delta: { type: 'text_delta', text: 'more' } }),
  block('content_block_stop', { index: 1 }),
  { type: 'ping' },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: 7, cache_read_input_tokens: 1 },
  },
  { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 8 } },
  { type: 'message_stop' },
  { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
];

const item = { type: 'message', id: 'm', role: 'assistant', status: 'in_progress', content: [] };
const response = { id: 'resp', object: 'response', status: 'in_progress', output: [], usage: null };
const usage = { input_tokens: 3, output_tokens: 2, input_tokens_details: { cached_tokens: 1 }, total_tokens: 5 };

const responseEvents: readonly object[] = [
  { type: 'response.created', sequence_number: 0, response },
  { type: 'response.in_progress', sequence_number: 1, response },
  { type: 'response.output_item.added', output_index: 0, item },
  {
    type: 'response.content_part.added',
    item_id: 'm',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text' },
  },
  { type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: 'Hé' },
  { type: 'response.function_call_arguments.delta', item_id: 'f', output_index: 1, delta: '{"a":1}' },
  { type: 'response.reasoning_summary_text.delta', item_id: 'r', output_index: 2, summary_index: 0, delta: 'hm' },
  { type: 'response.output_item.done', output_index: 0, item: { ...item, status: 'completed' } },
  { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
  { type: 'response.incomplete', response: { ...response, incomplete_details: { reason: 'max_output_tokens' } } },
  { type: 'response.failed', response: { ...response, error: { code: 'server_error', message: 'Overloaded' } } },
  { type: 'error', code: 'server_error', message: 'Overloaded', param: null },
];

/** The name of each event is that of its frame, which readers get as that of the event. */
const converseEvents: readonly object[] = [
  { type: 'messageStart', role: 'assistant' },
  { type: 'contentBlockDelta', contentBlockIndex: 0, delta: { text: 'Hello é😀' } },
  { type: 'contentBlockDelta', contentBlockIndex: 0, delta: { reasoningContent: { text: 'because' } } },
  { type: 'contentBlockDelta', contentBlockIndex: 0, delta: { reasoningContent: { signature: 's' } } },
  { type: 'contentBlockStart', contentBlockIndex: 1, start: { toolUse: { toolUseId: 't', name: 'f' } } },
  { type: 'contentBlockDelta', contentBlockIndex: 1, delta: { toolUse: { input: '{"a":1}' } } },
  { type: 'contentBlockDelta', contentBlockIndex: 2, delta: { citation: { n: 2 ** 60 } } },
  { type: 'contentBlockStart', contentBlockIndex: 3, start: { image: { format: 'png' } } },
  { type: 'contentBlockStop', contentBlockIndex: 0 },
  { type: 'contentBlockStop', contentBlockIndex: 1 },
  { type: 'messageStop', stopReason: 'end_turn' },
  { type: 'messageStop', stopReason: 'malformed_tool_use' },
  { type: 'metadata', usage: { inputTokens: 3, outputTokens: 2, cacheReadInputTokens: 1 } },
  { type: 'throttlingException', message: 'Too many requests' },
  { type: 'somethingNew' },
];

/** By the name of the dialect. */
const payloads: ReadonlyMap<string, readonly object[]> = new Map([
  ['openai-chat', chatEvents],
  ['anthropic-messages', messageEvents],
  ['openai-responses', responseEvents],
  ['bedrock-converse', converseEvents],
]);

/** For a dialect that has no streams: it meets those of others. */
const foreign = [...payloads.values()].flat();

/** Whole answers of three dialects, from which bodies of answers and of errors are made. */
const answers: readonly object[] = [
  {
    id: 'c',
    choices: [{ index: 0, message: { role: 'assistant', content: 'a', tool_calls: [call] }, finish_reason: 'stop' }],
  },
  {
    type: 'message',
    id: 'm',
    content: [{ type: 'text', text: 'a' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1 },
  },
  { type: 'message', content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }], stop_reason: 'tool_use' },
  {
    output: {
      message: { role: 'assistant', content: [{ text: 'a' }, { toolUse: { toolUseId: 't', name: 'f', input: {} } }] },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 1, outputTokens: 2 },
  },
  { __type: 'com.amazon.coral.service#UnknownOperationException', message: 'a' },
  { error: { message: 'Rate limit reached', type: 'tokens', param: null, code: 'rate_limit_exceeded' } },
  { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: required' }, request_id: 'r' },
  {
    error: [
      { error: { code: 429, details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }] } },
    ],
  },
];

const words = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  ':',
  'data: [DONE]\n\n',
  'data:',
  'event: error\n',
  '\ufeff',
  '\u0000',
  '{',
  '"',
  '\\',
];

/** The bytes of a stream. The usual order is likely, so that what follows a beginning or a finish is met too. */
export function streams(dialect: string): fc.Arbitrary<Buffer> {
  const known = payloads.get(dialect) ?? foreign;
  const some = fc.oneof(
    fc.subarray([...known], { minLength: 1 }),
    fc.array(fc.constantFrom(...known), { maxLength: 8 }),
    fc.array(fc.constantFrom(...known), { maxLength: 6 }).map((list) => known.slice(0, 2).concat(list)),
  );
  const event = fc.record({
    lineEnd: fc.constantFrom('\n', '\n', '\n', '\r\n', '\r'),
    space: fc.constantFrom(' ', ' ', ''),
    before: fc.constantFrom('', '', '', ': a comment', 'id: 1', 'retry: 10', 'event: x', 'data'),
    damages: fc.option(damages, { freq: 5 }),
  });
  const written = fc.tuple(some, fc.array(event, { minLength: 8, maxLength: 14 })).map(([list, ways]) =>
    list.map((payload, index) => {
      const { lineEnd = '\n', space = ' ', before = '', damages = null } = ways[index] ?? {};
      const json = damages === null ? JSON.stringify(payload) : damagedJson(payload, damages);
      const typed = 'type' in payload ? [`event: ${payload.type}`] : [];
      return [...(before === '' ? typed : [before]), `data:${space}${json}`, '', ''].join(lineEnd);
    }),
  );
  const last = fc.constantFrom('', 'data: [DONE]\n\n', 'data: [DONE]', 'data: [DONE]\n', '\n\n');
  const start = fc.constantFrom('', '', '', '\ufeff', '\n');
  const whole = fc
    .tuple(start, written, last)
    .map(([first, events, end]) => Buffer.from(first + events.join('') + end));
  return mutated(whole, words);
}

/** The body of an answer, in any dialect. */
export const answerBodies: fc.Arbitrary<Buffer> = mutated(
  fc
    .tuple(fc.constantFrom(...answers), fc.option(damages, { freq: 1 }))
    .map(([answer, list]) => Buffer.from(list === null ? JSON.stringify(answer) : damagedJson(answer, list))),
  words,
);
