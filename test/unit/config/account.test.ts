import { expect } from 'chai';
import { describe, it } from 'mocha';
import { accountOf } from '../../../src/config/account.ts';

describe('an account', () => {
  const url = 'https://api.example.com/v1';

  it('is the same in every version, for one key and for none', () => {
    expect(accountOf('openai', url, ['sk-1'])).to.equal('be545e27796eb002');
    expect(accountOf('openai', url, [''])).to.equal('9ffddb42ffbc4dd4');
  });

  it('is another one with another type, address or secret', () => {
    const accounts = [
      accountOf('openai', url, ['sk-1', '', '']),
      accountOf('anthropic', url, ['sk-1', '', '']),
      accountOf('openai', `${url}/other`, ['sk-1', '', '']),
      accountOf('openai', url, ['sk-2', '', '']),
      accountOf('openai', url, ['', 'sk-1', '']),
      accountOf('openai', url, ['sk-1', 'more', '']),
      accountOf('openai', url, ['sk-1', '', 'more']),
    ];
    expect(new Set(accounts)).to.have.lengthOf(accounts.length);
  });

  it('does not change when a later version knows one more secret, which is not given', () => {
    expect(accountOf('openai', url, ['sk-1', ''])).to.equal(accountOf('openai', url, ['sk-1']));
    expect(accountOf('openai', url, ['', ''])).to.equal(accountOf('openai', url, []));
  });
});
