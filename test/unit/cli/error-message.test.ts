import { expect } from 'chai';
import { describe, it } from 'mocha';
import { errorMessage } from '../../../src/cli/error-message.ts';

describe('errorMessage', () => {
  it('finds the message of a refusal', () => {
    expect(errorMessage({ error: { message: 'no such model' } })).to.equal('no such model');
  });

  it('returns null for any other body', () => {
    for (const body of [undefined, null, 'no', [], {}, { error: 'no' }, { error: { message: 7 } }]) {
      expect(errorMessage(body)).to.equal(null);
    }
  });
});
