import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Message, RequestBlock } from '../../../../src/dialects/hub.ts';
import { writeMessages } from '../../../../src/dialects/openai-chat/write-messages.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { blockOf, callOf, resultOf, textOf } from './requests.ts';

function by(role: Message['role'], ...blocks: readonly RequestBlock[]): Message {
  return { role, blocks };
}

function called(...ids: readonly string[]): object[] {
  return ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }));
}

function written(...messages: readonly Message[]): readonly object[] {
  return writeMessages(messages).messages;
}

const image = blockOf({ type: 'media', kind: 'image', mediaType: 'image/png', name: null, from: 'data' }, 'AA==');
const imagePart = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };

describe('messages of a chat completion request', () => {
  it('keep instructions where they stand, all as system', () => {
    expect(
      written(by('system', textOf('a'), textOf('b')), by('user', textOf('c')), by('developer', textOf('d'))),
    ).to.deep.equal([
      { role: 'system', content: 'a\nb' },
      { role: 'user', content: 'c' },
      { role: 'system', content: 'd' },
    ]);
  });

  it("hold an assistant's text, refusal and calls, the input of a call as it came", () => {
    const input = '{"n":9007199254740993,"cut';
    expect(written(by('assistant', textOf('a'), blockOf({ type: 'refusal' }, 'no'), callOf('1', input)))).to.deep.equal(
      [
        {
          role: 'assistant',
          content: 'a',
          refusal: 'no',
          tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: input } }],
        },
      ],
    );
    expect(written(by('assistant', callOf('1')))).to.deep.equal([
      { role: 'assistant', content: null, tool_calls: called('1') },
    ]);
  });

  it('give back what Gemini attached to a call, and no signature of another dialect', () => {
    const signed = (of: string): RequestBlock => ({
      ...callOf('1'),
      attached: [{ type: 'signature', of, data: '{"google":{"thought_signature":"c2ln"}}' }],
    });
    const [own] = written(by('assistant', signed('openai-chat')));
    expect(own).to.have.nested.property('tool_calls[0].extra_content.google.thought_signature', 'c2ln');
    const [other] = written(by('assistant', signed('gemini')));
    expect(other).to.have.deep.property('tool_calls', called('1'));
  });

  it('join calls that stand alone to the text before them', () => {
    expect(
      written(by('assistant', textOf('a')), by('assistant', callOf('1')), by('assistant', callOf('2'))),
    ).to.deep.equal([{ role: 'assistant', content: 'a', tool_calls: called('1', '2') }]);
  });

  it('put results directly after their calls, and what else a user says after them', () => {
    expect(
      written(
        by('assistant', callOf('1'), callOf('2')),
        by('user', textOf('so'), resultOf('2', [textOf('b')])),
        by('user', resultOf('1', [textOf('a'), textOf('a')])),
      ),
    ).to.deep.equal([
      { role: 'assistant', content: null, tool_calls: called('1', '2') },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      { role: 'tool', tool_call_id: '1', content: 'a\na' },
      { role: 'user', content: 'so' },
    ]);
  });

  it('put a result after the last call of its id', () => {
    const turn = [by('assistant', callOf('1')), by('user', resultOf('1', [textOf('a')]))];
    expect(written(...turn, ...turn).map((message) => 'role' in message && message.role)).to.deep.equal([
      ...['assistant', 'tool', 'assistant', 'tool'],
    ]);
  });

  it('leave a result where it stands if nothing called for it', () => {
    expect(written(by('user', resultOf('1', [])))).to.deep.equal([{ role: 'tool', tool_call_id: '1', content: '' }]);
  });

  it("show a result's images in a user message after all results", () => {
    expect(
      written(
        by('assistant', callOf('1'), callOf('2')),
        by('user', resultOf('1', [textOf('a'), image]), resultOf('2', [textOf('b')]), textOf('so')),
      ),
    ).to.deep.equal([
      { role: 'assistant', content: null, tool_calls: called('1', '2') },
      { role: 'tool', tool_call_id: '1', content: 'a' },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      { role: 'user', content: [imagePart, { type: 'text', text: 'so' }] },
    ]);
  });

  it('leave out, by name, what a model thought and that a result is an error', () => {
    const { messages, dropped } = writeMessages([
      by('user', textOf('a')),
      by('assistant', blockOf({ type: 'reasoning', form: 'hidden' })),
      by('user', resultOf('1', [textOf('b')], true)),
    ]);
    expect(messages).to.deep.equal([
      { role: 'user', content: 'a' },
      { role: 'tool', tool_call_id: '1', content: 'b' },
    ]);
    expect(dropped).to.have.members(['reasoning', 'is_error']);
  });

  it('leave out, by name, a foreign block that may be left out', () => {
    const hint = blockOf({ type: 'foreign', of: 'other', name: 'hint', value: {}, refusal: null });
    for (const role of ['user', 'assistant'] as const) {
      const { messages, dropped } = writeMessages([by(role, hint, textOf('a'))]);
      expect(messages).to.deep.equal([{ role, content: 'a' }]);
      expect(dropped).to.deep.equal(['hint']);
    }
  });

  it('leave out, by name, what a provider did by itself', () => {
    const search = blockOf({ type: 'call', callId: '1', name: 'search', by: 'provider' }, '{}');
    const { messages, dropped } = writeMessages([by('assistant', search, textOf('a'))]);
    expect(messages).to.deep.equal([{ role: 'assistant', content: 'a' }]);
    expect(dropped).to.deep.equal(['server_tool_use']);
  });

  for (const [name, block, problem] of [
    [
      'a foreign block',
      blockOf({ type: 'foreign', of: 'other', name: 'x', value: {}, refusal: 'should be no x' }, '', 'there'),
      'there should be no x',
    ],
    ['an image', { ...image, at: 'there' }, 'there should be a text or a call for this provider'],
  ] as const) {
    it(`refuse by its place what an assistant cannot have said here: ${name}`, () => {
      expect(() => written(by('assistant', textOf('a'), block)))
        .to.throw(GatewayError, problem)
        .with.property('param', 'there');
    });
  }

  it('are refused if nothing is left of them', () => {
    expect(() => written()).to.throw(GatewayError, 'messages should hold at least one message with content');
    expect(() => written(by('assistant', blockOf({ type: 'reasoning', form: 'raw' }, 'hm')))).to.throw(GatewayError);
  });
});
