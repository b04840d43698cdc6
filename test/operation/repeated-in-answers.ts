/** Answers and streams of very many small parts, as providers may send them. */
import { call, each, inDialect, names, type RepeatedParts, text, use } from './repeated-in-requests.ts';

/** A stream of so many parts, in the payloads of its events. */
export interface RepeatedEvents {
  readonly what: string;
  readonly dialect: string;
  events(count: number): readonly object[];
}

const completion = (message: object) => ({
  id: 'a',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a', ...message }, finish_reason: 'stop' }],
});
const message = (content: readonly object[]) => ({
  id: 'a',
  type: 'message',
  role: 'assistant',
  content,
  stop_reason: 'end_turn',
});

const candidate = (parts: readonly object[], finishReason?: string) => ({
  responseId: 'a',
  candidates: [{ content: { parts }, ...(finishReason === undefined ? {} : { finishReason }) }],
});
const calling = (index: number) => ({
  functionCall: { id: `a${index}`, name: 'f', args: {} },
  thoughtSignature: 's',
});
const signed = (thought: boolean) => ({ text: 'a', thoughtSignature: 's', ...(thought ? { thought } : {}) });

/** Whole answers. */
export const repeatedInAnswers: readonly RepeatedParts[] = [
  ...inDialect('openai-chat', [
    ['calls', (count) => completion({ tool_calls: each(count, (index) => call(`a${index}`)) })],
    ['calls of one id', (count) => completion({ tool_calls: each(count, () => call('a')) })],
    ['unknown fields', (count) => completion(names(count))],
  ]),
  ...inDialect('anthropic-messages', [
    ['texts', (count) => message(each(count, () => text))],
    ['thoughts', (count) => message(each(count, () => ({ type: 'thinking', thinking: 'a', signature: 'b' })))],
    ['calls', (count) => message(each(count, (index) => use(`a${index}`)))],
    ['calls of one id', (count) => message(each(count, () => use('a')))],
    ['texts and calls in turn', (count) => message(each(count, (index) => [text, use(`a${index}`)]).flat())],
    ['sources of a text', (count) => message([{ ...text, citations: each(count, () => ({ type: 'x' })) }])],
    ['steps of its provider', (count) => message(each(count, () => ({ type: 'web_search_tool_result', content: [] })))],
  ]),
  ...inDialect('gemini-generate', [
    ['texts', (count) => candidate(each(count, () => ({ text: 'a' })))],
    ['signed texts', (count) => candidate(each(count, () => signed(false)))],
    ['signed thoughts', (count) => candidate(each(count, () => signed(true)))],
    ['signed calls', (count) => candidate(each(count, calling))],
    ['calls without an id', (count) => candidate(each(count, () => ({ functionCall: { name: 'f' } })))],
    ['parts of another kind', (count) => candidate(each(count, () => ({ executableCode: {} })))],
  ]),
  ...inDialect('bedrock-converse', [
    ['texts', (count) => converse(each(count, () => ({ text: 'a' })))],
    ['thoughts', (count) => converse(each(count, () => ({ reasoningContent: { reasoningText: { text: 'a' } } })))],
    ['calls', (count) => converse(each(count, (index) => toolUse(`a${index}`)))],
    ['calls of one id', (count) => converse(each(count, () => toolUse('a')))],
    ['blocks that are not known', (count) => converse(each(count, () => ({ new: {} })))],
    [
      'sources of a text',
      (count) => converse([{ citationsContent: { content: [], citations: each(count, () => ({})) } }]),
    ],
  ]),
];

const converse = (content: readonly object[]) => ({
  output: { message: { role: 'assistant', content } },
  stopReason: 'end_turn',
});
const toolUse = (toolUseId: string) => ({ toolUse: { toolUseId, name: 'f', input: {} } });

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'a',
  choices: [{ index: 0, delta, finish_reason }],
});
const piece = (index: number, id?: string) => {
  const named = id === undefined ? {} : { id, type: 'function' };
  return chunk({
    tool_calls: [{ index, ...named, function: { ...(id === undefined ? {} : { name: 'f' }), arguments: '1' } }],
  });
};
const opened = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
const grown = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });
const closed = (index: number) => ({ type: 'content_block_stop', index });
const begun = { type: 'message_start', message: { ...message([]), model: 'm' } };
const ended = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];

/** Answers, event by event. */
export const repeatedInStreams: readonly RepeatedEvents[] = [
  {
    what: 'texts',
    dialect: 'openai-chat',
    events: (count) => [...each(count, () => chunk({ content: 'a' })), chunk({}, 'stop')],
  },
  {
    what: 'calls, the pieces of each among those of all',
    dialect: 'openai-chat',
    events: (count) => [
      ...each(count, (index) => piece(index, `a${index}`)),
      ...each(count, (index) => piece(index)),
      chunk({}, 'tool_calls'),
    ],
  },
  {
    what: 'calls of one id',
    dialect: 'openai-chat',
    events: (count) => [...each(count, (index) => piece(index, 'a')), chunk({}, 'tool_calls')],
  },
  {
    what: 'texts and thoughts in turn',
    dialect: 'openai-chat',
    events: (count) => [
      ...each(count, () => [chunk({ content: 'a' }), chunk({ reasoning_content: 'b' })]).flat(),
      chunk({}, 'stop'),
    ],
  },
  {
    what: 'signed texts, thoughts and calls in turn',
    dialect: 'gemini-generate',
    events: (count) => [
      ...each(count, (index) => candidate([signed(index % 2 === 0), calling(index)])),
      candidate([], 'STOP'),
    ],
  },
  {
    what: 'blocks, one after the other',
    dialect: 'anthropic-messages',
    events: (count) => [
      begun,
      ...each(count, (index) => [
        opened(index, { ...text, text: '' }),
        grown(index, { type: 'text_delta', text: 'a' }),
        closed(index),
      ]).flat(),
      ...ended,
    ],
  },
  {
    what: 'calls, all open at once',
    dialect: 'anthropic-messages',
    events: (count) => [
      begun,
      ...each(count, (index) => opened(index, use(`a${index}`))),
      ...each(count, (index) => grown(index, { type: 'input_json_delta', partial_json: '{}' })),
      ...each(count, closed),
      ...ended,
    ],
  },
  {
    what: 'blocks, one after the other',
    dialect: 'bedrock-converse',
    events: (count) => [
      ...each(count, (contentBlockIndex) => [
        { type: 'contentBlockDelta', contentBlockIndex, delta: { text: 'a' } },
        { type: 'contentBlockStop', contentBlockIndex },
      ]).flat(),
      { type: 'messageStop', stopReason: 'end_turn' },
    ],
  },
  {
    what: 'calls, all open at once',
    dialect: 'bedrock-converse',
    events: (count) => [
      ...each(count, (contentBlockIndex) => ({
        type: 'contentBlockStart',
        contentBlockIndex,
        start: { toolUse: { toolUseId: `a${contentBlockIndex}`, name: 'f' } },
      })),
      ...each(count, (contentBlockIndex) => ({
        type: 'contentBlockDelta',
        contentBlockIndex,
        delta: { toolUse: { input: '{}' } },
      })),
      { type: 'messageStop', stopReason: 'tool_use' },
    ],
  },
  {
    what: 'sources of one text',
    dialect: 'anthropic-messages',
    events: (count) => [
      begun,
      opened(0, { ...text, text: '' }),
      ...each(count, () => grown(0, { type: 'citations_delta', citation: { type: 'x' } })),
      closed(0),
      ...ended,
    ],
  },
];
