import { expect } from 'chai';
import { describe, it } from 'mocha';
import { counted } from '../../../src/cli/counted.ts';

describe('counted', () => {
  it('uses the singular only for one', () => {
    expect([0, 1, 2].map((count) => counted(count, 'key'))).to.deep.equal(['0 keys', '1 key', '2 keys']);
  });
});
