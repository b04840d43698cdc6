/** Requests of very many small parts, each of which a reader or writer may look up among all others. */

/** A request, or an answer, with so many of these parts. */
export interface RepeatedParts {
  readonly what: string;
  /** Of the client for a request, of the provider for an answer. */
  readonly dialect: string;
  body(count: number): object;
}

/** So many of them. */
export const each = <Made>(count: number, make: (index: number) => Made): Made[] =>
  Array.from({ length: count }, (_, i) => make(i));
/** An object of so many fields. */
export const names = (count: number) => Object.fromEntries(each(count, (index) => [`k${index}`, 1]));
const user = { role: 'user', content: 'a' };
/** A part or block of text. */
export const text = { type: 'text', text: 'a' };
const cache_control = { type: 'ephemeral' };

/** A name for the test, and the fields of such a body beside its model. */
export type Parts = readonly [what: string, fields: (count: number) => object];

/** A call of a chat. */
export const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const spoken = (...messages: readonly object[]) => ({ messages: [user, ...messages] });

const chats: readonly Parts[] = [
  ['unknown fields', (count) => ({ ...spoken(), ...names(count) })],
  ['unknown fields of a message', (count) => spoken({ ...user, ...names(count) })],
  ['names in output_config', (count) => ({ ...spoken(), output_config: names(count) })],
  [
    'messages in turn',
    (count) => spoken(...each(count, (index) => ({ role: index % 2 ? 'user' : 'assistant', content: 'a' }))),
  ],
  ['messages of one role', (count) => spoken(...each(count, () => user))],
  ['system messages', (count) => spoken(...each(count, () => ({ role: 'system', content: 'a' })))],
  ['texts', (count) => spoken({ role: 'user', content: each(count, () => text) })],
  ["texts of an assistant's", (count) => spoken({ role: 'assistant', content: each(count, () => text) })],
  ['cache marks', (count) => spoken({ role: 'user', content: each(count, () => ({ ...text, cache_control })) })],
  ['calls of one id', (count) => spoken({ role: 'assistant', tool_calls: each(count, () => call('a')) })],
  [
    'calls, each a message',
    (count) => spoken(...each(count, (index) => ({ role: 'assistant', tool_calls: [call(`a${index}`)] }))),
  ],
  [
    'calls and texts in turn',
    (count) => spoken(...each(count, (index) => ({ role: 'assistant', content: 'a', tool_calls: [call(`${index}`)] }))),
  ],
  [
    'results of one id',
    (count) =>
      spoken(
        { role: 'assistant', tool_calls: [call('a')] },
        ...each(count, () => ({ role: 'tool', tool_call_id: 'a', content: 'b' })),
      ),
  ],
  [
    'results of calls of one id',
    (count) =>
      spoken(
        { role: 'assistant', tool_calls: each(count, () => call('a')) },
        ...each(count, () => ({ role: 'tool', tool_call_id: 'a', content: 'b' })),
      ),
  ],
  [
    'thoughts',
    (count) =>
      spoken({
        role: 'assistant',
        content: 'x',
        thinking_blocks: each(count, () => ({ thinking: 'a', signature: 'b' })),
      }),
  ],
  [
    'signatures of texts',
    (count) =>
      spoken({
        role: 'assistant',
        content: each(count, () => text),
        reasoning_details: each(count, (index) => ({
          type: 'reasoning.encrypted',
          data: 's',
          format: 'google-gemini-v1',
          index: 2 * index + 1,
        })),
      }),
  ],
  [
    'details of no place',
    (count) =>
      spoken({
        role: 'assistant',
        content: 'x',
        reasoning_details: each(count, () => ({ text: 'a', signature: 'b' })),
      }),
  ],
  [
    'details of one place',
    (count) =>
      spoken({ role: 'assistant', content: 'x', reasoning_details: each(count, () => ({ index: 0, text: 'a' })) }),
  ],
  [
    'details among texts',
    (count) =>
      spoken({
        role: 'assistant',
        content: each(count, () => text),
        reasoning_details: each(count, (index) => ({ index: 2 * index, text: 'a', signature: 'b' })),
      }),
  ],
  [
    'tools',
    (count) => ({
      ...spoken(),
      tools: each(count, (index) => ({ type: 'function', function: { name: `f${index}` } })),
    }),
  ],
  [
    'tools of one name',
    (count) => ({ ...spoken(), tools: each(count, () => ({ type: 'function', function: { name: 'f' } })) }),
  ],
  ['tools of other kinds', (count) => ({ ...spoken(), tools: each(count, () => ({ type: 'custom', custom: {} })) })],
  ['stop sequences', (count) => ({ ...spoken(), stop: each(count, (index) => `s${index}`) })],
];

const asked = (...blocks: readonly object[]) => ({ max_tokens: 9, ...spoken({ role: 'assistant', content: blocks }) });
/** A call of a message. */
export const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'x' });
const documents = (depth: number, content: readonly object[]): readonly object[] =>
  depth === 0
    ? content
    : [{ type: 'document', source: { type: 'content', content: documents(depth - 1, content) }, cache_control }];

const messages: readonly Parts[] = [
  ['unknown fields', (count) => ({ ...asked(text), ...names(count) })],
  ['names in output_config', (count) => ({ ...asked(text), output_config: names(count) })],
  ['names in metadata', (count) => ({ ...asked(text), metadata: names(count) })],
  ['texts', (count) => asked(...each(count, () => text))],
  ['thoughts', (count) => asked(...each(count, () => ({ type: 'thinking', thinking: 'a', signature: 'b' })))],
  ['calls of one id', (count) => asked(...each(count, () => use('a')))],
  [
    'signatures of texts and calls',
    (count) =>
      asked(
        ...each(count, (index) => [
          { type: 'redacted_thinking', data: 'headgate.gemini.text.s' },
          { type: 'redacted_thinking', data: 'headgate.gemini.call.s' },
          use(`a${index}`),
        ]).flat(),
      ),
  ],
  [
    'calls and their results',
    (count) => {
      const { messages: list } = asked(...each(count, (index) => use(`a${index}`)));
      return {
        max_tokens: 9,
        messages: [...list, { role: 'user', content: each(count, (index) => result(`a${index}`)) }],
      };
    },
  ],
  [
    'results of one id',
    (count) => ({
      max_tokens: 9,
      messages: [...asked(use('a')).messages, { role: 'user', content: each(count, () => result('a')) }],
    }),
  ],
  [
    'parts of one result',
    (count) => ({
      max_tokens: 9,
      messages: [
        ...asked(use('a')).messages,
        { role: 'user', content: [{ ...result('a'), content: each(count, () => text) }] },
      ],
    }),
  ],
  [
    'cache marks',
    (count) => ({
      max_tokens: 9,
      messages: [{ role: 'user', content: each(count, () => ({ ...text, cache_control })) }],
    }),
  ],
  [
    'texts in documents in documents',
    (count) => ({
      max_tokens: 9,
      messages: [
        {
          role: 'user',
          content: documents(
            40,
            each(count, () => text),
          ),
        },
      ],
    }),
  ],
  ['prompts', (count) => ({ ...asked(text), system: each(count, () => text) })],
  ['tools', (count) => ({ ...asked(text), tools: each(count, (index) => ({ name: `f${index}`, input_schema: {} })) })],
  [
    'long names of tools',
    (count) => ({
      ...asked(text),
      tools: each(count, (index) => ({ name: `f${index}`.padEnd(100, 'x'), input_schema: {} })),
    }),
  ],
  [
    'calls by long names',
    (count) => asked(...each(count, (index) => ({ ...use(`a${index}`), name: 'x'.repeat(100) }))),
  ],
  ['stop sequences', (count) => ({ ...asked(text), stop_sequences: each(count, (index) => `s${index}`) })],
  [
    'fields of a schema',
    (count) => {
      const schema = { type: 'object', properties: Object.fromEntries(each(count, (index) => [`k${index}`, {}])) };
      return { ...asked(text), output_config: { format: { type: 'json_schema', schema } } };
    },
  ],
];

const item = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'b' });
const input = (...items: readonly object[]) => ({ input: [user, ...items] });

const responses: readonly Parts[] = [
  ['unknown fields', (count) => ({ ...input(), ...names(count) })],
  ['names in text and reasoning', (count) => ({ ...input(), text: names(count), reasoning: names(count) })],
  ['calls', (count) => input(...each(count, (index) => item(`a${index}`)))],
  ['calls of one id', (count) => input(...each(count, () => item('a')))],
  [
    'calls and their results',
    (count) => input(...each(count, (index) => item(`a${index}`)), ...each(count, (index) => output(`a${index}`))),
  ],
  [
    'calls and results in turn',
    (count) => input(...each(count, (index) => [item(`a${index}`), output(`a${index}`)]).flat()),
  ],
  ['results of one id', (count) => input(item('a'), ...each(count, () => output('a')))],
  [
    'parts of one result',
    (count) => input(item('a'), { ...output('a'), output: each(count, () => ({ type: 'input_text', text: 'a' })) }),
  ],
  ['messages', (count) => input(...each(count, () => user))],
  ["messages of an assistant's", (count) => input(...each(count, () => ({ role: 'assistant', content: 'a' })))],
  [
    'thoughts',
    (count) =>
      input(
        ...each(count, () => ({ type: 'reasoning', summary: [], encrypted_content: 'headgate.anthropic.signature.a' })),
      ),
  ],
  ['searches', (count) => input(...each(count, () => ({ type: 'web_search_call', id: 'a' })))],
  ['tools', (count) => ({ ...input(), tools: each(count, (index) => ({ type: 'function', name: `f${index}` })) })],
  [
    'tools of a namespace',
    (count) => ({
      ...input(),
      tools: [{ type: 'namespace', name: 'n', tools: each(count, (index) => ({ type: 'custom', name: `f${index}` })) }],
    }),
  ],
  [
    'lists of added tools',
    (count) =>
      input(
        ...each(count, (index) => ({ type: 'additional_tools', tools: [{ type: 'function', name: `f${index}` }] })),
      ),
  ],
  [
    'one tool that is added again',
    (count) => input(...each(count, () => ({ type: 'additional_tools', tools: [{ type: 'function', name: 'f' }] }))),
  ],
  [
    'allowed tools',
    (count) => ({
      ...input(),
      tools: each(count, (index) => ({ type: 'function', name: `f${index}` })),
      tool_choice: {
        type: 'allowed_tools',
        mode: 'auto',
        tools: each(count, (index) => ({ type: 'function', name: `f${index}` })),
      },
    }),
  ],
];

/** The bodies of one dialect. */
export const inDialect = (dialect: string, list: readonly Parts[]): RepeatedParts[] =>
  list.map(([what, fields]) => ({ what, dialect, body: (count) => ({ model: 'm', ...fields(count) }) }));

/** In each of the dialects that are translated. */
export const repeatedInRequests: readonly RepeatedParts[] = [
  ...inDialect('openai-chat', chats),
  ...inDialect('anthropic-messages', messages),
  ...inDialect('openai-responses', responses),
];
