import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/openai-chat/read-request.ts';
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
      wantsUsage: false,
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
      stream: true,
      wantsUsage: true,
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
    expect(kept({ seed: 7, user: 'u' })).to.deep.equal([
      ['openai-chat', 'seed', false],
      ['anthropic-messages', 'metadata', false],
    ]);
    expect(kept({ n: 2 })).to.deep.equal([['openai-chat', 'n', true]]);
    expect(kept({ functions: [] })).to.deep.equal([['openai-chat', 'functions', true]]);
    expect(kept({ tools: [{ type: 'custom' }] })).to.deep.equal([['openai-chat', 'tools[0]', true]]);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(kept({ tools, tool_choice: { type: 'allowed_tools' } })).to.deep.equal([
      ['openai-chat', 'tool_choice', true],
    ]);
    expect(kept({ tool_choice: { type: 'allowed_tools' } })).to.deep.equal([]);
  });

  it('takes the thinking option for one of another dialect, if it has its form', () => {
    const value = { type: 'enabled' };
    expect(read({ thinking: value }).extensions).to.deep.equal([
      { of: 'anthropic-messages', name: 'thinking', value, refusal: null, at: 'thinking' },
    ]);
    expect(read({ thinking: 'much' }).extensions.map(({ of }) => of)).to.deep.equal(['openai-chat']);
    expect(read({ thinking: false }).extensions).to.deep.equal([]);
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
