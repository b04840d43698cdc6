/** Messages and tools as clients of both dialects send them, each with all that is read of one. */

const image = 'iVBORw0KGgo=';
const cache_control = { type: 'ephemeral', ttl: '1h' };
const call = (args: string) => ({ id: 'c', type: 'function', function: { name: 'f', arguments: args } });
const text = { type: 'text', text: 'Hello é😀"\\' };
const long = 'a long text \n"\\é😀'.repeat(120);

const ofChat: readonly object[] = [
  {
    role: 'user',
    name: 'Ann',
    content: [text, { type: 'image_url', image_url: { url: 'https://a/b', detail: 'low' } }],
  },
  { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] },
  { role: 'user', content: [{ type: 'input_audio', input_audio: { data: image, format: 'wav' } }] },
  { role: 'user', content: long },
  { role: 'developer', content: [text] },
  { role: 'assistant', content: null, refusal: 'no', tool_calls: [call('{"id":9007199254740993}'), call('{')] },
  {
    role: 'assistant',
    content: 'x',
    tool_calls: [{ ...call(''), extra_content: { google: { thought_signature: 's' } } }],
  },
  { role: 'tool', tool_call_id: 'c', content: 'done' },
  { role: 'tool', tool_call_id: 'c', content: [text] },
];

const ofMessages: readonly object[] = [
  { role: 'user', content: [{ ...text, cache_control }] },
  { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }] },
  {
    role: 'user',
    content: [{ type: 'document', title: 't', source: { type: 'text', media_type: 'text/plain', data: long } }],
  },
  {
    role: 'user',
    content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: image } }],
  },
  { role: 'user', content: [{ type: 'search_result', source: 's', title: 't', content: [text] }] },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'd' },
      { ...text, citations: [{ type: 'char_location', cited_text: 'x' }] },
      { type: 'tool_use', id: 'c', name: 'f', input: { a: [1, long], __proto__: null }, cache_control },
    ],
  },
  { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: [text, text], is_error: true }, text] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'd', content: 'x' }] },
  { role: 'system', content: 'Be brief.' },
];

/** Messages by dialect. Plain ones, which both take, are among them. */
export const turns: readonly (readonly object[])[] = [ofChat, ofMessages];

/** Lists of tools of both. */
export const usualTools: readonly (readonly object[])[] = [
  [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } }],
  [{ type: 'custom', custom: { name: 'sh' } }],
  [{ name: 'f', description: 'd', input_schema: { type: 'object', maximum: 1e300 }, cache_control }],
  [{ type: 'web_search_20260318', name: 'web_search' }],
];
