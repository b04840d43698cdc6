import { expect } from 'chai';
import { describe, it } from 'mocha';
import { BlockWriter } from '../../../../src/dialects/anthropic-messages/write-blocks.ts';
import { writeMessages } from '../../../../src/dialects/anthropic-messages/write-messages.ts';
import type { Attachment, BlockHead, RequestBlock } from '../../../../src/dialects/hub.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';

const raw = { type: 'reasoning', form: 'raw' } as const;
const block = (head: BlockHead, text = '', more: Partial<RequestBlock> = {}): RequestBlock => ({
  ...{ head, text, attached: [], at: 'here', cache: null },
  ...more,
});
const said = block({ type: 'text' }, 'said');
const signature = (of: string): Attachment => ({ type: 'signature', of, data: 'proof' });

/** What an assistant's message becomes, and what was left out of it. */
function assistant(...blocks: RequestBlock[]) {
  const { turns, dropped } = writeMessages([{ role: 'assistant', blocks }]);
  return { content: turns[0]?.content, dropped };
}

function refusal(...blocks: RequestBlock[]): [string, string | null] {
  try {
    assistant(...blocks);
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.param];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a block of a message', () => {
  it('gives back thoughts that this dialect has signed, and no others', () => {
    const own = block(raw, 'hm', { attached: [signature('anthropic-messages')] });
    expect(assistant(own, said).dropped).to.deep.equal([]);
    expect(assistant(own).content).to.deep.equal([{ type: 'thinking', thinking: 'hm', signature: 'proof' }]);
    const hidden: Attachment = { type: 'redacted', of: 'anthropic-messages', data: 'secret' };
    const redacted = block({ type: 'reasoning', form: 'hidden' }, '', { attached: [hidden] });
    expect(assistant(redacted).content).to.deep.equal([{ type: 'redacted_thinking', data: 'secret' }]);
    const others = block(raw, 'hm', { attached: [signature('gemini-generate')] });
    expect(assistant(others, said)).to.deep.equal({
      content: [{ type: 'text', text: 'said' }],
      dropped: ['reasoning'],
    });
  });

  it('bears its cache mark, alone and in the system prompt', () => {
    const cache = { ttl: '1h' };
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const { system, turns } = writeMessages([
      { role: 'system', blocks: [said, block({ type: 'text' }, 'kept', { cache })] },
      { role: 'user', blocks: [block({ type: 'text' }, 'asked', { cache: { ttl: null } })] },
      { role: 'assistant', blocks: [said, block({ type: 'text' }, 'more', { cache })] },
    ]);
    expect(system).to.deep.equal([
      { type: 'text', text: 'said' },
      { type: 'text', text: 'kept', cache_control },
    ]);
    expect(turns.map(({ content }) => content)).to.deep.equal([
      [{ type: 'text', text: 'asked', cache_control: { type: 'ephemeral' } }],
      [
        { type: 'text', text: 'said' },
        { type: 'text', text: 'more', cache_control },
      ],
    ]);
  });

  it('names sources of its text, which are left out', () => {
    const cited = block({ type: 'text' }, 'said', { attached: [{ type: 'citation', of: 'other', data: '{}' }] });
    expect(assistant(cited)).to.deep.equal({ content: [{ type: 'text', text: 'said' }], dropped: ['citations'] });
  });

  it('goes back as it came if this dialect knows it, is named if it may be left out, and is refused otherwise', () => {
    const foreign = (of: string, refused: string | null) =>
      block({ type: 'foreign', of, name: 'odd', value: { type: 'odd' }, refusal: refused });
    expect(assistant(foreign('anthropic-messages', 'no')).content).to.deep.equal([{ type: 'odd' }]);
    expect(assistant(foreign('other', null), said).dropped).to.deep.equal(['odd']);
    expect(refusal(foreign('other', 'should not be'))).to.deep.equal(['unsupported_parameter', 'here']);
  });

  it('is a document if it is a file, in the result of a tool, too', () => {
    const file = (mediaType: string | null, from: 'data' | 'url', name: string | null = null) =>
      block({ type: 'media', kind: 'file', mediaType, name, from }, 'QUJD');
    const data = { type: 'base64', media_type: 'application/pdf', data: 'QUJD' };
    const blocks = [
      file('application/pdf', 'data', 'a.pdf'),
      file(null, 'data'),
      file(null, 'url'),
      file('image/gif', 'data', 'a.gif'),
    ];
    const written = [
      { type: 'document', source: data, title: 'a.pdf' },
      { type: 'document', source: data },
      { type: 'document', source: { type: 'url', url: 'QUJD' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'QUJD' } },
    ];
    expect(new BlockWriter().content(blocks, 'user')).to.deep.equal(written);
    const result = block({ type: 'result', callId: 'a', name: null, content: blocks, isError: false });
    expect(new BlockWriter().content([result], 'user')).to.deep.equal([
      { type: 'tool_result', tool_use_id: 'a', content: written },
    ]);
  });

  it('stands where it was among the texts of an assistant', () => {
    const thought = (data: string): RequestBlock => ({
      ...block({ type: 'reasoning', form: 'summary' }, 'hm'),
      attached: [{ type: 'signature', of: 'anthropic-messages', data }],
    });
    const text = (words: string) => block({ type: 'text' }, words);
    const call = block({ type: 'call', callId: 'a', name: 'f', by: 'client' }, '{}');
    expect(
      assistant(thought('1'), text('a'), text('b'), call, text(' '), thought('2'), text('c')).content,
    ).to.deep.equal([
      { type: 'thinking', thinking: 'hm', signature: '1' },
      { type: 'text', text: 'a\nb' },
      { type: 'tool_use', id: 'a', name: 'f', input: {} },
      { type: 'thinking', thinking: 'hm', signature: '2' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('is refused by its place if it is a call of a provider, a file by its id, or no image and no PDF', () => {
    const call: BlockHead = { type: 'call', callId: 'a', name: 'f', by: 'provider' };
    const plain: BlockHead = { type: 'media', kind: 'file', mediaType: 'text/plain', name: null, from: 'data' };
    const sound: BlockHead = { type: 'media', kind: 'audio', mediaType: 'audio/wav', name: null, from: 'data' };
    for (const head of [call, plain, sound, { type: 'file-id', kind: 'image', of: 'other' } as const]) {
      expect(refusal(block(head)), head.type).to.deep.equal(['unsupported_parameter', 'here']);
    }
  });
});
