/**
 * Every field that the official OpenAI client can send in a request for a response, for targets of chat and of messages: it
 * is written, refused by its name, or named among what was left out. The client's types say which fields there are.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type OpenAI from 'openai';
import { codecOf } from '../../helpers/codecs.ts';
import { expectNotLost, sentBy, type Values } from './fields.ts';

type Params = OpenAI.Responses.ResponseCreateParams;

const tool = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false };
const turn = { role: 'user', content: 'hi' };
const plain = { model: 'm', input: [turn], tools: [tool] };
const breakpoint = { mode: 'explicit', ttl: '30m' };

/** How a stream is padded is for the gateway, which writes it. */
type Meant = Omit<Params, 'stream_options'>;

const params: Values<Meant, 'cache_control' | 'thinking' | 'top_k' | 'unheard_of'> = {
  model: 'other',
  input: [turn, { role: 'assistant', content: 'x' }, turn],
  access_programs: ['x'],
  background: true,
  cache_control: { type: 'ephemeral' },
  context_management: [{ type: 'compaction' }],
  conversation: 'c',
  image: { context_compression: 'x' },
  include: ['message.output_text.logprobs'],
  instructions: 'be brief',
  max_output_tokens: 7,
  max_tool_calls: 3,
  metadata: { a: 'b' },
  moderation: { model: 'omni-moderation-latest' },
  parallel_tool_calls: false,
  previous_response_id: 'resp_1',
  prompt: { id: 'p' },
  prompt_cache_key: 'k',
  prompt_cache_options: { ttl: '30m' },
  prompt_cache_retention: '24h',
  reasoning: { effort: 'high', context: 'x' },
  safety_identifier: 's',
  service_tier: 'flex',
  store: true,
  stream: true,
  temperature: 0.5,
  text: { verbosity: 'low' },
  thinking: { type: 'enabled', budget_tokens: 2_000 },
  tool_choice: 'required',
  tools: [tool, { ...tool, name: 'g' }],
  top_k: 5,
  top_logprobs: 2,
  top_p: 0.5,
  truncation: 'auto',
  user: 'u',
  unheard_of: 'x',
};

/** Fields that are kept for the client alone: its answer repeats them, and no model sees them. */
const ofAnswer = new Set(['metadata', 'model']);

type Item<T> = Omit<Values<T, 'unheard_of'>, 'id' | 'status' | 'role'>;

/** An item of each kind, what stands before it, and values for all of its fields. */
const items: readonly (readonly [item: object, before: readonly object[], values: object])[] = [
  [
    { role: 'assistant', content: 'x' },
    [],
    { content: 'y', phase: 'commentary', unheard_of: 1 } satisfies Item<OpenAI.Responses.EasyInputMessage>,
  ],
  [
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
    [],
    {
      call_id: 'b',
      name: 'g',
      arguments: '{"x":1}',
      namespace: 'n',
      async: true,
      caller: { type: 'program' },
      unheard_of: 1,
    },
  ],
  [
    { type: 'custom_tool_call', call_id: 'a', name: 'f', input: 'x' },
    [],
    { call_id: 'b', name: 'g', input: 'y', namespace: 'n', unheard_of: 1 },
  ],
  [
    { type: 'function_call_output', call_id: 'a', output: 'x' },
    [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }],
    { call_id: 'b', output: 'y', unheard_of: 1 },
  ],
  [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 's' }] }, [], { unheard_of: 1 }],
];

const parts: readonly (readonly [part: object, values: object])[] = [
  [
    { type: 'input_text', text: 'x' },
    { text: 'y', prompt_cache_breakpoint: breakpoint } satisfies Values<OpenAI.Responses.ResponseInputText>,
  ],
  [
    { type: 'input_image', image_url: 'https://example.com/a.png' },
    {
      detail: 'high',
      file_id: 'file-1',
      image_url: 'data:image/png;base64,QUJD',
      prompt_cache_breakpoint: breakpoint,
    } satisfies Values<OpenAI.Responses.ResponseInputImage>,
  ],
  [
    { type: 'input_file', file_data: 'data:application/pdf;base64,QUJD' },
    {
      detail: 'high',
      file_data: 'data:application/pdf;base64,REVG',
      file_id: 'file-1',
      file_url: 'https://example.com/a.pdf',
      filename: 'b.pdf',
      prompt_cache_breakpoint: breakpoint,
    } satisfies Values<OpenAI.Responses.ResponseInputFile>,
  ],
];

const functions: Values<OpenAI.Responses.FunctionTool, 'cache_control' | 'unheard_of'> = {
  name: 'g',
  description: 'e',
  parameters: { type: 'object', properties: { a: {} } },
  strict: true,
  allowed_callers: ['programmatic'],
  async: true,
  cache_control: { type: 'ephemeral' },
  defer_loading: true,
  output_schema: { type: 'object' },
  unheard_of: 1,
};

describe('a mark for the cache that a client of responses sets', () => {
  const asked = (target: string, fields: object) => {
    const { body, dropped } = sentBy(
      codecOf('openai-responses', target),
      'x',
    )({ model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi', ...fields }] }] });
    return [JSON.parse(body).messages[0].content[0].cache_control ?? null, dropped];
  };
  const mark = (fields: object) => ({ prompt_cache_breakpoint: { mode: 'explicit', ...fields } });

  it('is Anthropic’s, as long as that keeps it, and is named where there is none', () => {
    const anthropic = 'anthropic-messages';
    const name = 'input_text.prompt_cache_breakpoint.ttl';
    expect(asked(anthropic, mark({}))).to.deep.equal([{ type: 'ephemeral' }, []]);
    expect(asked(anthropic, mark({ ttl: '30m' }))).to.deep.equal([{ type: 'ephemeral', ttl: '1h' }, []]);
    expect(asked(anthropic, mark({ ttl: '12h' }))).to.deep.equal([{ type: 'ephemeral', ttl: '1h' }, [name]]);
    expect(asked('openai-chat', mark({}))).to.deep.equal([null, ['prompt_cache_breakpoint']]);
    expect(asked('openai-chat', { cache_control: { type: 'ephemeral' } })).to.deep.equal([null, ['cache_control']]);
  });
});

describe('a parameter of responses', () => {
  const sent = sentBy(codecOf('openai-responses', 'openai-chat'), 'm');

  it('is nothing where it only repeats its default, and named with any value where none is known', () => {
    const defaults = { background: false, include: [], store: false, top_logprobs: 0, truncation: 'disabled' };
    expect(sent({ ...plain, ...defaults })).to.deep.equal(sent(plain));
    for (const unheard_of of [{}, [], '', false]) {
      expect(sent({ ...plain, unheard_of }).dropped).to.deep.equal(['unheard_of']);
    }
  });

  it('is refused where the answer would be another one without it', () => {
    const refused = {
      background: true,
      conversation: 'c',
      include: ['message.output_text.logprobs'],
      previous_response_id: 'resp_1',
      prompt: { id: 'p' },
      store: true,
      top_logprobs: 2,
    };
    for (const [name, value] of Object.entries(refused)) {
      const { refused: field } = sent({ ...plain, [name]: value });
      expect(field, name).to.equal(name);
    }
  });
});

describe('a summary of thoughts that a client of responses asks for', () => {
  const asked = (target: string, model: string) => {
    const { body, dropped } = sentBy(
      codecOf('openai-responses', target),
      model,
    )({
      ...plain,
      reasoning: { summary: 'auto' },
    });
    return [JSON.parse(body).thinking ?? null, dropped];
  };

  it('is asked of models that hide it, comes by itself from others, and is named where there is none', () => {
    const shown = { type: 'adaptive', display: 'summarized' };
    expect(asked('anthropic-messages', 'claude-opus-5-5')).to.deep.equal([shown, []]);
    expect(asked('anthropic-messages', 'claude-opus-4-6')).to.deep.equal([null, []]);
    expect(asked('anthropic-messages', 'kimi-k3')).to.deep.equal([null, []]);
    expect(asked('openai-chat', 'gpt-5')).to.deep.equal([null, ['reasoning.summary']]);
  });
});

for (const [target, model] of [
  ['openai-chat', 'gpt-5'],
  ['openai-chat', 'mistral-large'],
  ['anthropic-messages', 'claude-opus-4-6'],
] as const) {
  const sent = sentBy(codecOf('openai-responses', target), model);

  describe(`a parameter of responses for ${model} at a target of ${target}`, () => {
    for (const [name, value] of Object.entries(params).filter(([each]) => !ofAnswer.has(each))) {
      it(`is written, refused or named, and never lost in silence: ${name}`, () => {
        const inner = typeof value === 'object' && value !== null ? Object.keys(value) : [];
        expectNotLost(sent({ ...plain, [name]: value }), sent(plain), name, ...inner.map((each) => `${name}.${each}`));
      });
    }
  });

  describe(`a field of an item or a part for ${model} at a target of ${target}`, () => {
    for (const [item, before, values] of items) {
      const type = String(Reflect.get(item, 'type') ?? 'message');
      for (const [name, value] of Object.entries(values)) {
        it(`is written, refused or named: ${name} of ${JSON.stringify(item)}`, () => {
          const asked = (last: object) => sent({ ...plain, input: [turn, ...before, last, turn] });
          expectNotLost(asked({ ...item, [name]: value }), asked(item), `${type}.${name}`, name);
        });
      }
    }
    for (const [part, values] of parts) {
      const type = String(Reflect.get(part, 'type'));
      for (const [name, value] of Object.entries(values)) {
        it(`is written, refused or named: ${name} of ${JSON.stringify(part)}`, () => {
          const { file_data: _, image_url: __, ...bare } = { file_data: 1, image_url: 1, ...part };
          const isId = name === 'file_id';
          const asked = (last: object) => sent({ ...plain, input: [{ role: 'user', content: [last] }] });
          expectNotLost(
            asked({ ...(isId ? bare : part), [name]: value }),
            asked(part),
            `${type}.${name}`,
            name,
            ...(type === 'input_file' ? ['file_url', 'file_data'] : []),
          );
        });
      }
    }
  });

  describe(`a field of a tool for ${model} at a target of ${target}`, () => {
    for (const [name, value] of Object.entries(functions)) {
      it(`is written or named: ${name}`, () => {
        const bare = sent(plain);
        expectNotLost(sent({ ...plain, tools: [{ ...tool, [name]: value }] }), bare, `tools.${name}`, name);
      });
    }
  });
}
