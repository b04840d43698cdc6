import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readError } from '../../../../src/dialects/bedrock-converse/errors.ts';
import { ownReasoning } from '../../../../src/dialects/bedrock-converse/own-reasoning.ts';

const thought = { reasoningContent: { reasoningText: { text: 'hm', signature: 'proof' } } };
const user = (text: string) => ({ role: 'user', content: [{ text }] });

describe('reasoning in a history of Converse', () => {
  it('is known to be refused by Claude’s own words', () => {
    const refused = (message: string) =>
      ownReasoning.isRefusedBy(readError(400, Buffer.from(JSON.stringify({ message }))));
    expect(
      refused('The model returned the following errors: messages.1.content.0: Invalid `signature` in `thinking` block'),
    ).to.equal(true);
    expect(refused('The model returned the following errors: max_tokens is too large')).to.equal(false);
  });

  it('is left out, with turns that were nothing else, and the turns beside those are one', () => {
    const history = [
      user('a'),
      { role: 'assistant', content: [thought, { text: 'b' }] },
      user('c'),
      { role: 'assistant', content: [thought] },
      user('d'),
    ];
    expect(ownReasoning.without(history)).to.deep.equal({
      blocks: 2,
      list: [
        user('a'),
        { role: 'assistant', content: [{ text: 'b' }] },
        { role: 'user', content: [{ text: 'c' }, { text: 'd' }] },
      ],
    });
    expect(ownReasoning.without([user('a')])).to.equal(null);
  });
});
