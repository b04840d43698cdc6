import { expect } from 'chai';
import { describe, it } from 'mocha';
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

  it('is refused by its place if it is a call of a provider, a file by its id, or no image', () => {
    const call: BlockHead = { type: 'call', callId: 'a', name: 'f', by: 'provider' };
    const pdf: BlockHead = { type: 'media', kind: 'file', mediaType: 'application/pdf', name: null, from: 'data' };
    for (const head of [call, pdf, { type: 'file-id', kind: 'image', of: 'other' } as const]) {
      expect(refusal(block(head)), head.type).to.deep.equal(['unsupported_parameter', 'here']);
    }
  });
});
