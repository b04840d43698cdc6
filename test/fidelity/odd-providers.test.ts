/**
 * Providers that do not keep to the reference, each as it was seen somewhere: clients of the other dialects read what was
 * meant all the same. Between equal dialects bytes go as they came, so that only translations are tried here.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { cellsOf, tryCell } from '../../scripts/fidelity/cells.ts';
import { type Content, content } from '../../scripts/fidelity/contents.ts';
import type { Face, Finish, Outbound, Part, Usage } from '../../scripts/fidelity/meaning.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

const usage: Usage = { input: 21, output: 13, cached: 8, kept: 0, reasoning: 0 };
const none: Usage = { input: 0, output: 0, cached: 0, kept: 0, reasoning: 0 };

interface Odd {
  readonly name: string;
  /** Of a stream. */
  readonly events?: readonly string[];
  /** A whole answer. */
  readonly whole?: unknown;
  readonly parts: readonly Part[];
  readonly finish?: Finish;
  readonly usage?: Usage;
}

const say = (text: string): Part => ({ type: 'text', text });
const think = (text: string): Part => ({ type: 'reasoning', text });
const call = (input: string, id = 'call_1'): Part => ({ type: 'call', call: { id, name: 'tide', input } });

const data = (payload: unknown) => `data: ${JSON.stringify(payload)}\n\n`;
const DONE = 'data: [DONE]\n\n';
const counts = {
  prompt_tokens: 21,
  completion_tokens: 13,
  total_tokens: 34,
  prompt_tokens_details: { cached_tokens: 8 },
};
const counted = data({ id: 'c', model: 'm', choices: [], usage: counts });

/** One chunk. */
function chunk(delta: object | undefined, finish: string | null = null, rest: object = {}): string {
  const choice = { index: 0, ...(delta === undefined ? {} : { delta }), finish_reason: finish };
  return data({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice], ...rest });
}

const piece = (called: object, rest: object = {}) => ({ tool_calls: [{ index: 0, ...rest, function: called }] });

const oddChunks: readonly Odd[] = [
  {
    name: 'begin with a call, without any role',
    events: [
      chunk(piece({ name: 'tide', arguments: '{"a"' }, { id: 'call_1', type: 'function' })),
      chunk(piece({ arguments: ':1}' })),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'give each piece of a call a new id and an empty name',
    events: [
      chunk(piece({ name: 'tide', arguments: '' }, { id: 'call_1' })),
      chunk(piece({ name: '', arguments: '{"a"' }, { id: 'tool-call-1' })),
      chunk(piece({ name: '', arguments: ':1}' }, { id: 'tool-call-2' })),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'repeat the id, the type and the name with each piece',
    events: [
      chunk(piece({ name: 'tide', arguments: '{"a"' }, { id: 'call_1', type: 'function' })),
      chunk(piece({ name: 'tide', arguments: ':1}' }, { id: 'call_1', type: 'function' })),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'send nulls for what does not change',
    events: [
      chunk({ role: 'assistant', content: null, tool_calls: null, refusal: null, function_call: null }),
      chunk(piece({ name: 'tide', arguments: null }, { id: 'call_1' })),
      chunk({ content: null, ...piece({ name: null, arguments: '{"a":1}' }, { id: null, type: null }) }),
      chunk({ content: null, tool_calls: [] }, 'tool_calls', { usage: null }),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'send no arguments to a tool without any, and say that they stopped',
    events: [
      chunk(piece({ name: 'tide', arguments: '' }, { id: 'call_1', type: 'function' })),
      chunk({}, 'stop'),
      counted,
      DONE,
    ],
    parts: [call('{}')],
  },
  {
    name: 'send arguments as an object',
    events: [
      chunk(piece({ name: 'tide', arguments: { a: 1 } }, { id: 'call_1' })),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'begin the second call before the first has all its pieces, without closing either',
    events: [
      chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'tide', arguments: '{"a"' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'call_2', function: { name: 'tide', arguments: '{"b"' } }] }),
      chunk({
        tool_calls: [
          { index: 1, function: { arguments: ':2}' } },
          { index: 0, function: { arguments: ':1}' } },
        ],
      }),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    parts: [call('{"a":1}'), call('{"b":2}', 'call_2')],
  },
  {
    name: 'give all calls the same id',
    events: [
      chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'tide', arguments: '{"a":1}' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'call_1', function: { name: 'tide', arguments: '{"b":2}' } }] }),
      chunk({}, 'tool_calls'),
      counted,
      DONE,
    ],
    // Any other id.
    parts: [call('{"a":1}'), call('{"b":2}', '')],
  },
  {
    name: 'count tokens in every chunk',
    events: [
      chunk({ role: 'assistant', content: 'Hi' }, null, { usage: { prompt_tokens: 21, completion_tokens: 1 } }),
      chunk({ content: '!' }, null, { usage: { prompt_tokens: 21, completion_tokens: 2 } }),
      chunk({}, 'stop', { usage: counts }),
      DONE,
    ],
    parts: [say('Hi!')],
  },
  {
    name: 'finish with the last piece, and send no terminal',
    events: [chunk({ content: 'H' }), chunk({ content: 'i' }, 'stop', { usage: counts })],
    parts: [say('Hi')],
  },
  {
    name: 'finish twice, with an empty reason before',
    events: [chunk({ content: 'Hi' }, ''), chunk({}, 'length'), chunk({ content: '' }, 'stop'), counted, DONE],
    parts: [say('Hi')],
    finish: 'length',
  },
  {
    name: 'say a thought in two fields at once',
    events: [
      chunk({ reasoning: 'Hm', reasoning_content: 'Hm' }),
      chunk({ reasoning: '.', reasoning_content: '.' }),
      chunk({ content: 'Hi' }),
      chunk({}, 'stop'),
      counted,
      DONE,
    ],
    parts: [think('Hm.'), say('Hi')],
  },
  {
    name: 'send a text in parts, and thoughts among them',
    events: [
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
      chunk({ content: [{ type: 'text', text: 'H' }] }),
      chunk({ content: 'i' }),
      chunk({}, 'stop'),
      counted,
      DONE,
    ],
    parts: [think('Hm.'), say('Hi')],
  },
  {
    name: 'call in the old form',
    events: [
      chunk({ function_call: { name: 'tide', arguments: '' } }),
      chunk({ function_call: { arguments: '{"a":1}' } }),
      chunk({}, 'function_call'),
      counted,
      DONE,
    ],
    // Any id.
    parts: [call('{"a":1}', '')],
  },
  {
    name: 'begin with what a filter says, and leave deltas out',
    events: [
      data({ choices: [], prompt_filter_results: [{ prompt_index: 0 }], id: '', model: '', created: 0 }),
      chunk(undefined),
      chunk({ content: 'Hi' }),
      chunk(undefined, 'stop'),
      counted,
      DONE,
    ],
    parts: [say('Hi')],
  },
  {
    name: 'send comments, empty events and fields of their own between, and a mark at the start',
    events: [
      `\uFEFF: OPENROUTER PROCESSING\n\n${chunk({ content: 'H' }).replace('data: ', 'id: 7\nretry: 3\ndata:')}`,
      ': waiting\n\n',
      'data:\n\n',
      'event: ping\n\n',
      chunk({ content: 'i' }, 'stop'),
      counted,
      DONE,
    ],
    parts: [say('Hi')],
  },
  {
    name: 'repeat the whole answer at its end',
    events: [
      chunk({ content: 'Hi' }),
      data({
        id: 'c',
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        usage: counts,
      }),
      DONE,
    ],
    parts: [say('Hi')],
  },
  {
    name: 'count nothing',
    events: [chunk({ content: 'Hi' }), chunk({}, 'stop'), DONE],
    parts: [say('Hi')],
    usage: none,
  },
  {
    name: 'filter all of it',
    events: [chunk({ role: 'assistant', content: '' }), chunk({}, 'content_filter'), counted, DONE],
    parts: [],
    finish: 'refused',
  },
];

const named = (payload: { readonly type: string; readonly [field: string]: unknown }) =>
  `event: ${payload.type}\n${data(payload)}`;
const tokens = {
  input_tokens: 13,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 8,
  output_tokens: 13,
  output_tokens_details: { thinking_tokens: 0 },
};
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null };
const start = named({
  type: 'message_start',
  message: { ...message, usage: { ...tokens, output_tokens: 1 } },
});
const stop = named({ type: 'message_stop' });
const opened = (index: number, block: object) => named({ type: 'content_block_start', index, content_block: block });
const added = (index: number, delta: object) => named({ type: 'content_block_delta', index, delta });
const closed = (index: number) => named({ type: 'content_block_stop', index });
const ended = (reason: string, told: object = tokens) =>
  named({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: told });
const hi = [opened(0, { type: 'text', text: '' }), added(0, { type: 'text_delta', text: 'Hi' }), closed(0)];

const oddMessages: readonly Odd[] = [
  {
    name: 'bring the input of a tool with its start',
    events: [
      start,
      opened(0, { type: 'tool_use', id: 'call_1', name: 'tide', input: { a: 1 } }),
      closed(0),
      ended('tool_use'),
      stop,
    ],
    parts: [call('{"a":1}')],
  },
  {
    name: 'send no input to a tool without any',
    events: [start, opened(0, { type: 'tool_use', id: 'call_1', name: 'tide' }), closed(0), ended('tool_use'), stop],
    parts: [call('{}')],
  },
  {
    name: 'begin a block without closing the one before, with text in its start',
    events: [
      start,
      opened(0, { type: 'text', text: 'H' }),
      added(0, { type: 'text_delta', text: 'i' }),
      opened(1, { type: 'tool_use', id: 'call_1', name: 'tide', input: {} }),
      added(1, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      ended('tool_use'),
      stop,
    ],
    parts: [say('Hi'), call('{"a":1}')],
  },
  {
    name: 'tell counts apart from the reason, and null for what they do not know',
    events: [
      start,
      ...hi,
      named({ type: 'message_delta', delta: {}, usage: { output_tokens: 13, input_tokens: null } }),
      ended('end_turn', { output_tokens: null, cache_read_input_tokens: null }),
      stop,
    ],
    parts: [say('Hi')],
  },
  { name: 'send no terminal', events: [start, ...hi, ended('end_turn')], parts: [say('Hi')] },
  {
    name: 'send events that are not known',
    events: [start, named({ type: 'ping' }), named({ type: 'novelty' }), ...hi, ended('end_turn'), stop],
    parts: [say('Hi')],
  },
  {
    name: 'run a tool of their own in between',
    events: [
      start,
      ...hi,
      opened(1, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
      added(1, { type: 'input_json_delta', partial_json: '{"query":"tide"}' }),
      closed(1),
      opened(2, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
      closed(2),
      opened(3, { type: 'text', text: '', citations: [] }),
      added(3, { type: 'citations_delta', citation: { type: 'web_search_result_location', url: 'https://e.com' } }),
      added(3, { type: 'text_delta', text: ' there' }),
      closed(3),
      ended('end_turn'),
      stop,
    ],
    parts: [say('Hi there')],
  },
  {
    name: 'hide what they thought',
    events: [
      start,
      opened(0, { type: 'redacted_thinking', data: 'x' }),
      closed(0),
      opened(1, { type: 'text', text: 'Hi' }),
      closed(1),
      ended('end_turn'),
      stop,
    ],
    parts: [say('Hi')],
  },
  {
    name: 'have no room left',
    events: [start, ...hi, ended('model_context_window_exceeded'), stop],
    parts: [say('Hi')],
    finish: 'length',
  },
  { name: 'refuse without a word', events: [start, ended('refusal'), stop], parts: [], finish: 'refused' },
];

const completion = (said: object, reason: string | null = 'stop', rest: object = { usage: counts }) => ({
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...said }, finish_reason: reason }],
  ...rest,
});
const calledOf = (called: object, rest: object = { id: 'call_1', type: 'function' }) => ({
  content: null,
  tool_calls: [{ ...rest, function: called }],
});

const oddCompletions: readonly Odd[] = [
  {
    name: 'answer with arguments as an object, and that they stopped',
    whole: completion(calledOf({ name: 'tide', arguments: { a: 1 } })),
    parts: [call('{"a":1}')],
  },
  {
    name: 'answer with a call without arguments, and with a text of nothing',
    whole: completion({ ...calledOf({ name: 'tide' }), content: '' }, 'tool_calls'),
    parts: [call('{}')],
  },
  {
    name: 'answer with a call without an id',
    whole: completion(calledOf({ name: 'tide', arguments: '{"a":1}' }, {}), 'tool_calls'),
    parts: [call('{"a":1}', '')],
  },
  {
    name: 'answer with a call in the old form',
    whole: completion({ content: null, function_call: { name: 'tide', arguments: '{"a":1}' } }, 'function_call'),
    parts: [call('{"a":1}', '')],
  },
  {
    name: 'answer with parts, and a thought in a field of another name',
    whole: completion({ reasoning: 'Hm.', content: [{ type: 'text', text: 'Hi' }, { type: 'novelty' }] }),
    parts: [think('Hm.'), say('Hi')],
  },
  {
    name: 'answer with nulls for what there is not',
    whole: completion({ content: 'Hi', tool_calls: null, refusal: null, annotations: null, audio: null }, 'eos_token', {
      usage: { ...counts, prompt_tokens_details: { cached_tokens: 8 }, completion_tokens_details: null },
    }),
    parts: [say('Hi')],
  },
  { name: 'answer without counts', whole: completion({ content: 'Hi' }, 'stop', {}), parts: [say('Hi')], usage: none },
];

const whole = (blocks: readonly object[], reason: string | null = 'end_turn') => ({
  ...message,
  content: blocks,
  stop_reason: reason,
  usage: tokens,
});

const oddWholes: readonly Odd[] = [
  {
    name: 'answer with a tool without input',
    whole: whole([{ type: 'tool_use', id: 'call_1', name: 'tide' }], 'tool_use'),
    parts: [call('{}')],
  },
  {
    name: 'answer with steps of their own, and kinds of blocks that are not known',
    whole: whole([
      { type: 'redacted_thinking', data: 'x' },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      { type: 'text', text: 'H', citations: null },
      { type: 'novelty' },
      { type: 'text', text: 'i', citations: [{ type: 'char_location' }] },
    ]),
    parts: [say('Hi')],
  },
  { name: 'answer with nothing where a turn is over', whole: whole([]), parts: [] },
];

const tried: readonly (readonly [Outbound, readonly Face[], readonly Odd[]])[] = [
  ['openai-chat', ['anthropic-messages', 'openai-responses'], [...oddChunks, ...oddCompletions]],
  ['anthropic-messages', ['openai-chat', 'openai-responses'], [...oddMessages, ...oddWholes]],
];

function kindOf({ name, events = [], whole: answer, parts, finish, usage: told = usage }: Odd): Content {
  const recorded = { whole: JSON.stringify(answer) ?? '', events };
  const special = { usage: told, recorded, ...(finish === undefined ? {} : { finish }) };
  return content(name, parts, special);
}

describe('providers that do not keep to the reference', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const [outbound, faces, odds] of tried) {
    for (const face of faces) {
      for (const odd of odds) {
        it(`are understood: ${outbound} that ${odd.name}, before ${face}`, async () => {
          const cells = cellsOf(
            { face, outbound },
            1,
            [kindOf(odd)],
            odd.events === undefined ? ['plain'] : ['stream', 'bytes'],
          );
          for (const cell of cells) {
            const { fault } = await tryCell(cell, running.provider, running.url);
            expect(fault, cell.mode).to.equal('');
          }
        });
      }
    }
  }
});
