import { expect } from 'chai';
import { describe, it } from 'mocha';
import { namesIn, ruled } from '../../../src/wire/field-rules.ts';

describe('the fields that a server knows', () => {
  const rules = { leftOut: ['user', 'store'], renamed: { max_completion_tokens: 'max_tokens' } };

  it('are what is left, under the names that it knows, in their order', () => {
    const { payload, dropped } = ruled({ user: 'u', max_completion_tokens: 5, model: 'm' }, rules);
    expect(JSON.stringify(payload)).to.equal('{"max_tokens":5,"model":"m"}');
    expect(dropped).to.deep.equal(['user']);
  });

  it('keep both names where a request has both', () => {
    const both = { max_completion_tokens: 5, max_tokens: 6 };
    expect(ruled(both, rules).payload).to.deep.equal(both);
  });

  it('are all of them without rules', () => {
    expect(ruled({ user: 'u' }, {})).to.deep.equal({ payload: { user: 'u' }, dropped: [] });
    expect(namesIn({})).to.deep.equal([]);
    expect(namesIn(rules)).to.deep.equal(['user', 'store', 'max_completion_tokens', 'max_tokens']);
  });
});
