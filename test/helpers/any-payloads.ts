/** Payloads of any form, most of them with names and values that mean something to one dialect or another. */
import fc from 'fast-check';

/** Stands for a number that no double holds, which becomes its own text in a tree. */
const LARGE = 'a large number';

/** Its JSON, with a large number where `json` has one. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${LARGE}"`, '12345678901234567890');
}

/** Names with a meaning in some payload, so that odd values get into fields that are read. */
const words = fc.constantFrom(
  ...['type', 'index', 'delta', 'text', 'thinking', 'message', 'content', 'content_block', 'partial_json', 'usage'],
  ...['stop_reason', 'choices', 'finish_reason', 'tool_calls', 'function', 'id', 'name', 'arguments', 'error', 'code'],
  ...['output', 'call_id', 'namespace', 'summary', 'encrypted_content', 'response', 'item', 'include', 'reasoning'],
  ...['x_groq', 'role', 'tool_call_id', 'image_url', 'url', 'tools', 'tool_choice', 'stop', 'n', 'messages', 'input'],
  ...['source', 'media_type', 'data', 'tool_use_id', 'is_error', 'signature', 'citations', 'cache_control', 'title'],
  ...[
    'input_schema',
    'system',
    'stop_sequences',
    'output_config',
    'function_call',
    'refusal',
    'annotations',
    '__proto__',
  ],
);
const values = fc.constantFrom(
  ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'text'],
  ...['tool_use', 'text_delta', 'input_json_delta', 'thinking', 'error', 'stop', 'user', 'assistant', 'tool', 'system'],
  ...['function', 'image_url', 'data:image/png;base64,AA==', '{}', 'message_stop', 'image', 'document', 'tool_result'],
  ...['reasoning', 'custom', 'namespace', 'input_text', 'function_call', 'custom_tool_call', 'function_call_output'],
  ...['response.completed', 'response.output_item.done'],
  ...['base64', 'url', 'https://example.com', 'redacted_thinking', 'server_tool_use', 'signature_delta', 'end_turn'],
);
/** Any JSON. */
export const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(values, fc.integer({ min: -1, max: 3 }), fc.constantFrom(null, true, false, '', LARGE)),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(words, tie('json'), { maxKeys: 6 }),
  ),
}));
/** Any object. */
export const record = fc.dictionary(words, json, { maxKeys: 8 });
const typed = (...types: readonly string[]) =>
  fc.tuple(record, fc.constantFrom(...types)).map(([fields, type]) => ({ ...fields, type }));
/** An event of any form, most of them with what gets it as far as its parts. */
export const payload = fc.oneof(
  record,
  fc.record({
    choices: fc.array(fc.record({ index: fc.nat(1), delta: record, finish_reason: json }), { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constantFrom('content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'),
    index: fc.nat(1),
    content_block: typed('text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'odd'),
    delta: typed('text_delta', 'thinking_delta', 'input_json_delta', 'signature_delta', 'citations_delta'),
  }),
  fc.record({
    type: fc.constantFrom('message_start', 'message_delta', 'message_delta', 'message_stop'),
    message: record,
    delta: record,
    usage: json,
  }),
);
