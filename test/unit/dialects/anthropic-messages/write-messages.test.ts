import { expect } from 'chai';
import { describe, it } from 'mocha';
import { writeMessages } from '../../../../src/dialects/anthropic-messages/write-messages.ts';
import { Extensions } from '../../../../src/dialects/openai-chat/extensions.ts';
import { readMessages } from '../../../../src/dialects/openai-chat/read-messages.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';

const text = (value: string) => ({ type: 'text', text: value });
const user = (content: unknown) => ({ role: 'user', content });
const call = (id: string, written: string) => ({ id, type: 'function', function: { name: 'f', arguments: written } });

/** A conversation of OpenAI's form in Anthropic's. */
function made(messages: readonly unknown[]) {
  return writeMessages(readMessages(messages, new Extensions()));
}

/** The field that the refusal of these messages names. */
function refusedField(...messages: readonly unknown[]): string | null {
  try {
    made(messages);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_value') return error.param;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a conversation in the messages dialect', () => {
  it('joins system and developer messages at any position into one prompt', () => {
    const { system, turns } = made([
      { role: 'system', content: 'a' },
      user('hi'),
      { role: 'developer', content: [text('b'), text('c')] },
      { role: 'system', content: '' },
    ]);
    expect(system).to.equal('a\nb\nc');
    expect(turns).to.deep.equal([{ role: 'user', content: [text('hi')] }]);
  });

  it('has no prompt without a system message', () => {
    expect(made([user('hi')]).system).to.equal(null);
    expect(made([{ role: 'system', content: '' }, user('hi')]).system).to.equal(null);
  });

  it('has no text of blanks alone, which Anthropic refuses, nor a mark on one', () => {
    expect(made([{ role: 'system', content: ' \n' }, user([text(' '), text('hi'), text('\t')])])).to.deep.equal({
      system: null,
      turns: [{ role: 'user', content: [text('hi')] }],
      dropped: [],
    });
    const cache_control = { type: 'ephemeral' };
    const marked = made([{ role: 'system', content: [{ ...text(' '), cache_control }] }, user('hi')]);
    expect([marked.system, marked.dropped]).to.deep.equal([null, ['cache_control']]);
    expect(refusedField(user(' \n'))).to.equal('messages');
  });

  it('merges neighbouring messages of one role', () => {
    const { turns } = made([
      user('a'),
      user([text('b')]),
      { role: 'assistant', content: 'c' },
      { role: 'assistant', content: [text('d'), { type: 'refusal', refusal: 'e' }] },
      user('f'),
    ]);
    expect(turns).to.deep.equal([
      { role: 'user', content: [text('a'), text('b')] },
      { role: 'assistant', content: [text('c'), text('d\ne')] },
      { role: 'user', content: [text('f')] },
    ]);
  });

  it('turns tool calls and their results into blocks, results first in one turn', () => {
    const { turns } = made([
      user('go'),
      { role: 'assistant', content: null, tool_calls: [call('a', '{"x":1}'), call('b', '')] },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      user('and?'),
      { role: 'tool', tool_call_id: 'b', content: [text('2'), text('3')] },
      { role: 'tool', tool_call_id: 'c', content: '' },
    ]);
    expect(turns.slice(1)).to.deep.equal([
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '1' },
          { type: 'tool_result', tool_use_id: 'b', content: [text('2'), text('3')] },
          { type: 'tool_result', tool_use_id: 'c' },
          text('and?'),
        ],
      },
    ]);
  });

  it('replaces invalid characters in tool ids, the same way in call and result', () => {
    const { turns } = made([
      { role: 'assistant', tool_calls: [call('functions.f:0', '{}')] },
      { role: 'tool', tool_call_id: 'functions.f:0', content: 'x' },
    ]);
    expect(turns[0]?.content[0]).to.include({ id: 'functions_f_0' });
    expect(turns[1]?.content[0]).to.include({ tool_use_id: 'functions_f_0' });
  });

  it('forwards images, as data or as a URL, and never fetches them', () => {
    const image = (url: string) => ({ type: 'image_url', image_url: { url, detail: 'low' } });
    const { turns } = made([
      user([image('data:image/png;base64,iVBORw0='), text(''), image('https://example.com/a.png')]),
    ]);
    expect(turns[0]?.content).to.deep.equal([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    ]);
  });

  it('leaves out messages without content', () => {
    const { turns } = made([user('a'), { role: 'assistant', content: '' }, user(''), user([text('')])]);
    expect(turns).to.deep.equal([{ role: 'user', content: [text('a')] }]);
  });

  it('names the field that it cannot translate', () => {
    expect(refusedField()).to.equal('messages');
    expect(refusedField({ role: 'system', content: 'only' })).to.equal('messages');
    expect(refusedField('text')).to.equal('messages[0]');
    expect(refusedField(user('a'), { role: 'robot', content: 'b' })).to.equal('messages[1].role');
    expect(refusedField({ role: 'function', name: 'f', content: 'b' })).to.equal('messages[0].role');
    expect(refusedField(user(7))).to.equal('messages[0].content');
    expect(refusedField(user(null))).to.equal('messages[0].content');
    expect(refusedField({ role: 'system', content: {} })).to.equal('messages[0].content');
    expect(refusedField(user([{ type: 'text', text: 1 }]))).to.equal('messages[0].content[0]');
    expect(refusedField({ role: 'assistant', content: [{ type: 'image_url' }] })).to.equal('messages[0].content[0]');
  });

  it('has one result for each call, in however many pieces it came', () => {
    const result = (tool_call_id: string, content: unknown) => ({ role: 'tool', tool_call_id, content });
    const calls = [call('a', '{}'), call('b', '{}')];
    const { turns } = made([
      user('hi'),
      { role: 'assistant', content: null, tool_calls: calls },
      result('a', 'one'),
      result('b', 'x'),
      result('a', [text('two')]),
      result('a', ''),
    ]);
    expect(turns[2]?.content).to.deep.equal([
      { type: 'tool_result', tool_use_id: 'a', content: [text('one'), text('two')] },
      { type: 'tool_result', tool_use_id: 'b', content: 'x' },
    ]);
  });

  it('says before a call what was said after it, since Anthropic refuses anything behind calls', () => {
    const { turns } = made([
      user('hi'),
      { role: 'assistant', content: null, tool_calls: [call('a', '{}')] },
      { role: 'assistant', content: 'I wait.' },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ]);
    expect(turns[1]?.content.map(({ type }) => type)).to.deep.equal(['text', 'tool_use']);
  });

  it('refuses a part that only the other dialect knows, and names it', () => {
    for (const content of [
      user([text('a'), { type: 'input_audio' }]),
      { role: 'tool', tool_call_id: 'a', content: [text('a'), { type: 'file' }] },
    ]) {
      expect(() => made([content]))
        .to.throw(GatewayError, 'should be a text, an image_url or a file')
        .that.includes({ code: 'unsupported_parameter', param: 'messages[0].content[1]' });
    }
  });

  it('names the field of an image that it cannot forward', () => {
    const field = 'messages[0].content[0].image_url.url';
    for (const url of ['file:///etc/passwd', 'data:text', 'data:image/png,raw', 'data:image/png;base64', '', 7]) {
      expect(refusedField(user([{ type: 'image_url', image_url: { url } }]))).to.equal(field);
    }
  });

  it('names the field of a tool call or result that it cannot translate', () => {
    const calling = (tool_calls: unknown) => refusedField({ role: 'assistant', content: null, tool_calls });
    expect(calling('x')).to.equal('messages[0].tool_calls');
    expect(calling([{}])).to.equal('messages[0].tool_calls[0].id');
    expect(calling([{ id: 'a', function: {} }])).to.equal('messages[0].tool_calls[0].function.name');
    expect(refusedField({ role: 'assistant', function_call: {} })).to.equal('messages[0].function_call');
    expect(refusedField({ role: 'tool', content: 'x' })).to.equal('messages[0].tool_call_id');
  });
});
