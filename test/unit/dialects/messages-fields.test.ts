/**
 * Every field that the official Anthropic client can send, for a target of chat or of responses: it is written, refused by its name, or
 * named among what was left out. The client's types say which fields there are.
 */
import type Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { answerContext, codecOf } from '../../helpers/codecs.ts';
import { expectNotLost, sentBy, type Values } from './fields.ts';

const codec = codecOf('anthropic-messages', 'openai-chat');

const tool: Anthropic.Tool = { name: 'f', description: 'd', input_schema: { type: 'object', properties: { a: {} } } };
const turn: Anthropic.MessageParam = { role: 'user', content: 'hi' };
const plain = { model: 'm', max_tokens: 16, messages: [turn], tools: [tool] };

const sent = sentBy(codec, 'gpt-5');
const targets = { chat: sent, responses: sentBy(codecOf('anthropic-messages', 'openai-responses'), 'gpt-5') } as const;
const allTargets = Object.entries(targets);

const cache_control = { type: 'ephemeral' };

const params: Values<Anthropic.MessageCreateParams, 'temperature' | 'top_p' | 'top_k' | 'mcp_servers' | 'unheard_of'> =
  {
    model: 'other',
    max_tokens: 17,
    messages: [turn, { role: 'assistant', content: 'x' }, turn],
    cache_control,
    container: 'c',
    diagnostics: { previous_message_id: 'm' },
    inference_geo: 'eu',
    mcp_servers: [{ type: 'url', name: 'x', url: 'https://example.com' }],
    metadata: { user_id: 'u' },
    output_config: { effort: 'low' },
    service_tier: 'standard_only',
    speed: 'fast',
    stop_sequences: ['END'],
    stream: true,
    system: 'be brief',
    temperature: 0.5,
    thinking: { type: 'enabled', budget_tokens: 1_024 },
    tool_choice: { type: 'any' },
    tools: [tool, { name: 'g', input_schema: { type: 'object' } }],
    top_k: 5,
    top_p: 0.5,
    unheard_of: 'x',
    user_profile_id: 'u',
    workspace_id: 'w',
  };

describe('a parameter of messages for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(params).filter(([each]) => each !== 'model')) {
      it(`is written, refused or named, and never lost in silence: ${name}, for ${target}`, () => {
        const others = ['output_config.effort', 'metadata.user_id'];
        expectNotLost(sentTo({ ...plain, [name]: value }), sentTo(plain), name, ...others);
      });
    }
  }

  it('is nothing where it only repeats its default, and named with any value where none is known', () => {
    const defaults = { diagnostics: { previous_message_id: null }, mcp_servers: [], speed: 'standard' };
    expect(sent({ ...plain, ...defaults, context_management: { edits: [] } })).to.deep.equal(sent(plain));
    for (const unheard_of of [{}, [], '', false]) {
      expect(sent({ ...plain, unheard_of }).dropped).to.deep.equal(['unheard_of']);
    }
  });

  it('is refused where the form of the answer depends on it', () => {
    expect(sent({ ...plain, output_config: { format: { type: 'grammar' } } }).refused).to.equal('output_config.format');
    const asked = (schema: object, model = 'gpt-5') => {
      const { body, dropped } = sentBy(
        codec,
        model,
      )({
        ...plain,
        output_config: { format: { type: 'json_schema', schema } },
      });
      return [JSON.parse(body).response_format.json_schema, dropped];
    };
    const schema = { type: 'object', properties: { a: {} }, additionalProperties: false };
    const strict = { ...schema, required: ['a'] };
    expect(asked(strict)).to.deep.equal([{ name: 'answer', schema: strict, strict: true }, []]);
    expect(asked(schema, 'local')).to.deep.equal([{ name: 'answer', schema, strict: true }, []]);
    // OpenAI follows only schemas exactly whose fields are all required.
    expect(asked(schema)).to.deep.equal([{ name: 'answer', schema }, ['output_config.format.strict']]);
  });

  it('is the user by an id that servers take, the same for each of his requests', () => {
    const user = (user_id: string) => JSON.parse(sent({ ...plain, metadata: { user_id } }).body).user;
    expect(user('user_1')).to.equal('user_1');
    const long = JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: 'a', session_id: 's' });
    expect(user(long))
      .to.match(/^[\da-f]{64}$/)
      .and.equal(user(long));
    expect(user('ann@example.com')).to.match(/^[\da-f]{64}$/);
    const other = sentBy(codec, 'mistral-large')({ ...plain, metadata: { user_id: 'user_1' } });
    expect([JSON.parse(other.body).user, other.dropped]).to.deep.equal([undefined, ['metadata.user_id']]);
  });

  const choices: Values<Anthropic.ToolChoiceTool> = { name: 'f', disable_parallel_tool_use: true };
  it('is a choice of each kind, with at most one call or several', () => {
    const choice = (value: object) => JSON.parse(sent({ ...plain, tool_choice: value }).body);
    expect(choice({ type: 'auto' }).tool_choice).to.equal('auto');
    expect(choice({ type: 'any' }).tool_choice).to.equal('required');
    expect(choice({ type: 'none' }).tool_choice).to.equal('none');
    expect(choice({ type: 'tool', ...choices })).to.deep.include({
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    });
    expect(choice({ type: 'auto', disable_parallel_tool_use: false }).parallel_tool_calls).to.equal(true);
  });
});

const ofTools: Values<Anthropic.Tool> = {
  name: 'g',
  description: 'e',
  input_schema: { type: 'object', properties: { b: {} } },
  allowed_callers: ['code_execution_20260120'],
  cache_control,
  defer_loading: true,
  eager_input_streaming: true,
  input_examples: [{ a: 1 }],
  strict: true,
};

describe('a field of a tool for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(ofTools)) {
      it(`is written or named: ${name}, for ${target}`, () => {
        const made = sentTo({ ...plain, tools: [{ ...tool, [name]: value }] });
        expectNotLost(made, sentTo(plain), `tools.${name}`, name);
      });
    }
  }

  it('is refused with a tool that the provider runs', () => {
    const made = sent({ ...plain, tools: [{ type: 'web_search_20260318', name: 'web_search' }] });
    expect(made.refused).to.equal('tools[0]');
  });
});

const text = { type: 'text', text: 'x' };
const citation = { type: 'char_location', cited_text: 'x', document_index: 0, start_char_index: 0, end_char_index: 1 };

/** A block of each kind, and values for all of its fields. */
const blocks: readonly (readonly [role: 'user' | 'assistant', block: object, values: object])[] = [
  ['user', text, { text: 'y', cache_control } satisfies Omit<Values<Anthropic.TextBlockParam>, 'citations'>],
  ['assistant', text, { text: 'y', cache_control, citations: [citation] } satisfies Values<Anthropic.TextBlockParam>],
  [
    'user',
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
    {
      source: { type: 'url', url: 'https://example.com/a.png' },
      cache_control,
      transformations: { resize: { width: 10 } },
    } satisfies Values<Anthropic.ImageBlockParam>,
  ],
  ...[
    { type: 'text', media_type: 'text/plain', data: 'x' },
    { type: 'content', content: [text] },
    { type: 'base64', media_type: 'application/pdf', data: 'QUJD' },
  ].map(
    (source) =>
      [
        'user',
        { type: 'document', source },
        {
          source: { type: 'text', media_type: 'text/plain', data: 'y' },
          cache_control,
          citations: { enabled: true },
          context: 'c',
          title: 't',
        } satisfies Values<Anthropic.DocumentBlockParam>,
      ] as const,
  ),
  [
    'assistant',
    { type: 'tool_use', id: 'c', name: 'f', input: {} },
    {
      id: 'd',
      name: 'g',
      input: { a: 1 },
      cache_control,
      caller: { type: 'code_execution_20260120', tool_id: 's' },
      toolset_name: 't',
    } satisfies Values<Anthropic.ToolUseBlockParam>,
  ],
  [
    'user',
    { type: 'tool_result', tool_use_id: 'c', content: 'x' },
    {
      tool_use_id: 'd',
      content: 'y',
      cache_control,
      is_error: true,
      toolset_name: 't',
    } satisfies Values<Anthropic.ToolResultBlockParam>,
  ],
];

describe('a field of a block for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [role, block, values] of blocks) {
      const type = String(Reflect.get(block, 'type'));
      for (const [name, value] of Object.entries(values)) {
        it(`is written or named: ${name} of ${JSON.stringify(block)}, for ${target}`, () => {
          const asked = (part: object) => sentTo({ ...plain, messages: [turn, { role, content: [part] }] });
          expectNotLost(asked({ ...block, [name]: value }), asked(block), `${type}.${name}`, name);
        });
      }
    }
  }

  it('is named where it is what the model thought', () => {
    const thoughts = [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'd' },
    ] satisfies (Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam)[];
    for (const thought of thoughts) {
      const made = sent({ ...plain, messages: [turn, { role: 'assistant', content: [thought, text] }, turn] });
      expect(made.dropped).to.deep.equal(['reasoning']);
      expect(made.body).to.not.match(/hm|thinking/);
    }
  });

  const foreign: readonly (readonly ['user' | 'assistant', object])[] = [
    ['user', { type: 'search_result', source: 's', title: 't', content: [text] }],
    ['user', { type: 'container_upload', file_id: 'f' }],
    ['user', { type: 'image', source: { type: 'file', file_id: 'f' } }],
    ['user', { type: 'document', source: { type: 'file', file_id: 'f' } }],
    ['user', { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }],
  ];
  for (const [role, block] of foreign) {
    it(`is refused with its place in a block that no chat has: ${JSON.stringify(block)}`, () => {
      const made = sent({ ...plain, messages: [turn, { role, content: [text, block] }] });
      expect(made.refused).to.match(/^messages\[1\]\.content\[1\]/);
    });
  }

  it('is a text where a search has found tools', () => {
    const found = { type: 'tool_reference', tool_name: 'f' };
    const used = { type: 'tool_use', id: 'c', name: 'ToolSearch', input: {} };
    const result = { type: 'tool_result', tool_use_id: 'c', content: [found] };
    const messages = [turn, { role: 'assistant', content: [used] }, { role: 'user', content: [result] }];
    const made = sent({ ...plain, messages });
    expect(JSON.parse(made.body).messages.at(-1)).to.deep.equal({
      role: 'tool',
      tool_call_id: 'c',
      content: JSON.stringify(found),
    });
    expect(made.dropped).to.deep.equal([]);
  });

  it('is left out and named where a provider did something by itself, since the text that came of it follows', () => {
    const steps = [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      { type: 'mcp_tool_use', id: 'm', name: 'f', server_name: 'x', input: {} },
    ];
    const made = sent({ ...plain, messages: [turn, { role: 'assistant', content: [...steps, text] }] });
    expect(JSON.parse(made.body).messages[1]).to.deep.equal({ role: 'assistant', content: 'x' });
    expect(made.dropped).to.deep.equal(['server_tool_use', 'web_search_tool_result', 'mcp_tool_use']);
  });

  it('is kept in a system prompt, and its mark named', () => {
    const made = sent({ ...plain, system: [text, { ...text, text: 'y', cache_control }] });
    expect(JSON.parse(made.body).messages[0]).to.deep.equal({ role: 'system', content: 'x\ny' });
    expect(made.dropped).to.deep.equal(['cache_control']);
  });
});

describe('a long text within the input or the result of a tool', () => {
  /** Every kind of character, and escapes at the places where a long string is cut. */
  const long = `${'a'.repeat(126)}\\"\n${'é😀"\\\u0001/\u2028'.repeat(2_000)}`;

  it('reaches the target as it was', () => {
    expect(Buffer.byteLength(long)).to.be.greaterThan(20 * 1024);
    const input = { [`k${long.slice(0, 40)}`]: [long, { deep: long }], n: 1 };
    const made = sent({
      ...plain,
      messages: [
        turn,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: long }] }] },
      ],
    });
    const [, call, result] = JSON.parse(made.body).messages;
    expect(JSON.parse(call.tool_calls[0].function.arguments)).to.deep.equal(input);
    expect(result).to.deep.equal({ role: 'tool', tool_call_id: 'c', content: long });
  });

  it('comes back from the target as it was', () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify({ file: long }) } };
    const message = { role: 'assistant', content: long, tool_calls: [call] };
    const body = Buffer.from(JSON.stringify({ id: 'c', choices: [{ index: 0, message, finish_reason: 'stop' }] }));
    const { content } = JSON.parse(codec.answer(body, answerContext(), null).body.toString());
    expect(content).to.deep.equal([
      { type: 'text', text: long },
      { type: 'tool_use', id: 'c', name: 'f', input: { file: long } },
    ]);
  });
});
