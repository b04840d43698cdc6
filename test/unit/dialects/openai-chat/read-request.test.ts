import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/openai-chat/read-request.ts';
import { noWishes } from '../../../../src/dialects/wishes.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';

const read = (fields: object = {}) =>
  readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields });
const block = (head: object, text: string, at: string) => ({ head, text, attached: [], at, cache: null });

/** The first parameter that is refused as invalid. */
function refused(fields: object): string | null {
  try {
    read(fields);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_value') return error.param;
    throw error;
  }
  return null;
}

describe('a chat in the neutral form', () => {
  it('says nothing that the client did not say', () => {
    expect(read()).to.deep.equal({
      messages: [{ role: 'user', blocks: [block({ type: 'text' }, 'hi', 'messages[0].content')] }],
      tools: [],
      toolChoice: null,
      parallelCalls: null,
      maxTokens: null,
      temperature: null,
      topP: null,
      stopSequences: [],
      stream: false,
      wishes: noWishes,
      extensions: [],
    });
  });

  it('has each message in its place, with its blocks and where they were', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":12345678901234567890}' } };
    const { messages } = read({
      messages: [
        { role: 'system', content: 's' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '' },
            { type: 'image_url', image_url: { url: 'https://a/b' } },
          ],
        },
        { role: 'developer', content: [{ type: 'text', text: 'd' }] },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }], tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: 'r' },
      ],
    });
    const at = (index: number, rest = '') => `messages[${index}].content${rest}`;
    const media = { type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' };
    const result = {
      type: 'result',
      callId: 'a',
      name: null,
      content: [block({ type: 'text' }, 'r', at(4))],
      isError: false,
    };
    expect(messages).to.deep.equal([
      { role: 'system', blocks: [block({ type: 'text' }, 's', at(0))] },
      {
        role: 'user',
        blocks: [block({ type: 'text' }, '', at(1, '[0]')), block(media, 'https://a/b', at(1, '[1].image_url.url'))],
      },
      { role: 'developer', blocks: [block({ type: 'text' }, 'd', at(2, '[0]'))] },
      {
        role: 'assistant',
        blocks: [
          block({ type: 'refusal' }, 'no', at(3, '[0]')),
          // The input stays text: its number is above 2^53.
          block(
            { type: 'call', callId: 'a', name: 'f', by: 'client' },
            call.function.arguments,
            'messages[3].tool_calls[0].function.arguments',
          ),
        ],
      },
      { role: 'user', blocks: [block(result, '', at(4))] },
    ]);
  });

  it('names the parts of messages that only this dialect has, and keeps the name of a tool with its result', () => {
    const { messages, extensions } = read({
      messages: [
        {
          role: 'user',
          name: 'Ann',
          content: [{ type: 'image_url', image_url: { url: 'https://a/b', detail: 'low' } }],
        },
        { role: 'tool', tool_call_id: 'a', name: 'f', content: 'r' },
      ],
    });
    expect(extensions).to.deep.equal([
      { of: 'openai-chat', name: 'messages.name', value: 'Ann', refusal: null },
      { of: 'openai-chat', name: 'image_url.detail', value: 'low', refusal: null },
    ]);
    expect(messages[1]?.blocks[0]?.head).to.include({ type: 'result', name: 'f' });
  });

  it('has what the client wants of the answer', () => {
    const request = read({
      max_completion_tokens: 7,
      max_tokens: 8,
      temperature: 1.5,
      top_p: 0.5,
      stop: ['a', 'b'],
      stream: true,
      stream_options: { include_usage: true },
      parallel_tool_calls: false,
      tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { a: 1 }, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    });
    expect(request).to.deep.include({
      maxTokens: 7,
      temperature: 1.5,
      topP: 0.5,
      stopSequences: ['a', 'b'],
      stopsAt: 'stop',
      stream: true,
      parallelCalls: false,
      tools: [{ name: 'f', description: 'd', schema: { a: 1 }, isStrict: true, cache: null }],
      toolChoice: { type: 'tool', name: 'f' },
      extensions: [],
    });
    expect(read({ stop: 'a' }).stopSequences).to.deep.equal(['a']);
    expect(read({ max_tokens: 8 }).maxTokens).to.equal(8);
  });

  it('keeps what only this dialect knows, and says what a target without it must refuse', () => {
    const kept = (fields: object) =>
      read(fields).extensions.map(({ of, name, refusal }) => [of, name, refusal !== null]);
    expect(kept({ seed: 7, user: 'u' })).to.deep.equal([['openai-chat', 'seed', false]]);
    expect(kept({ n: 2 })).to.deep.equal([['openai-chat', 'n', true]]);
    expect(kept({ functions: [] })).to.deep.equal([['openai-chat', 'functions', true]]);
    expect(kept({ tools: [{ type: 'custom' }] })).to.deep.equal([['openai-chat', 'tools[0]', true]]);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(kept({ tools, tool_choice: { type: 'allowed_tools' } })).to.deep.equal([
      ['openai-chat', 'tool_choice', true],
    ]);
    expect(kept({ tool_choice: { type: 'allowed_tools' } })).to.deep.equal([]);
  });

  it('has what other dialects have under names of their own, with its place', () => {
    const schema = { type: 'object' };
    const { wishes, extensions } = read({
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } },
      reasoning_effort: 'ultra',
      thinking: { type: 'enabled' },
      top_k: 5,
      user: 'u',
      verbosity: 'low',
      service_tier: 'flex',
      cache_control: { type: 'ephemeral' },
    });
    expect(extensions).to.deep.equal([]);
    expect(wishes).to.deep.equal({
      format: {
        value: { type: 'schema', schema, name: 'n', description: null, isStrict: true },
        at: 'response_format',
      },
      effort: { value: 'ultra', at: 'reasoning_effort' },
      thinking: { value: { type: 'enabled' }, at: 'thinking' },
      summary: null,
      topK: { value: 5, at: 'top_k' },
      user: { value: 'u', at: 'user' },
      verbosity: { value: 'low', at: 'verbosity' },
      serviceTier: { value: 'flex', at: 'service_tier' },
      cache: { value: { ttl: null }, at: 'cache_control' },
    });
    expect(read({ response_format: { type: 'json_object' } }).wishes.format?.value).to.deep.equal({ type: 'json' });
    expect(read({ response_format: { type: 'text' }, verbosity: 'medium', service_tier: 'auto' })).to.deep.equal(
      read(),
    );
  });

  it("takes Anthropic's own parameter where OpenAI's says nothing", () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const output_config = { format, effort: 'low', task_budget: { total: 9 } };
    const { wishes, extensions } = read({ output_config });
    expect([wishes.format?.at, wishes.effort]).to.deep.equal([
      'output_config.format',
      { value: 'low', at: 'output_config.effort' },
    ]);
    const budget = { of: 'anthropic-messages', name: 'output_config.task_budget', value: { total: 9 }, refusal: null };
    expect(extensions).to.deep.equal([budget]);
    const both = read({ output_config: { effort: 'low' }, reasoning_effort: 'high' });
    expect(both.wishes.effort).to.deep.equal({ value: 'high', at: 'reasoning_effort' });
    expect(both.extensions.map(({ name }) => name)).to.deep.equal(['output_config.effort']);
  });

  it('keeps what is of another form than it should be, as one of its own', () => {
    const odd = { thinking: 'much', top_k: 'x', user: 7, output_config: 'x', cache_control: 'x', reasoning_effort: 5 };
    const { wishes, extensions } = read(odd);
    expect(wishes).to.deep.equal(noWishes);
    expect(extensions.map(({ of, name }) => [of, name])).to.have.deep.members(
      Object.keys(odd).map((name) => ['openai-chat', name]),
    );
    expect(read({ thinking: false }).extensions.map(({ name }) => name)).to.deep.equal(['thinking']);
  });

  it('keeps a part that only this dialect knows, with why others refuse it; one of a wrong form is invalid', () => {
    const part = { type: 'input_audio', input_audio: {} };
    const [message] = read({ messages: [{ role: 'user', content: [part] }] }).messages;
    expect(message?.blocks[0]?.head).to.deep.include({
      type: 'foreign',
      of: 'openai-chat',
      name: 'input_audio',
      value: part,
    });
    for (const wrong of [{ type: 'text', text: 1 }, { type: 'refusal' }, {}, null, 'x']) {
      expect(refused({ messages: [{ role: 'user', content: [wrong] }] })).to.equal('messages[0].content[0]');
    }
  });

  it('names the first parameter of a wrong form: numbers and texts, then messages, then tools', () => {
    const wrong = { n: 'x', max_tokens: 0, top_p: 'x', stop: 7, messages: [{}], tools: {} };
    const order = ['n', 'max_tokens', 'top_p', 'stop', 'messages[0].role', 'tools'];
    const fields: Record<string, unknown> = { ...wrong };
    for (const name of order) {
      expect(refused(fields)).to.equal(name);
      delete fields[name.replace(/\[.*/, '')];
    }
    expect(refused(fields)).to.equal(null);
  });
});
