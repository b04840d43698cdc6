import { expect } from 'chai';
import { describe, it } from 'mocha';
import { table } from '../../../src/cli/table.ts';

describe('table', () => {
  it('aligns columns by their widest cell', () => {
    const rows = [
      ['openai', 'closed'],
      ['a', ''],
    ];
    expect(table(['circuit', 'state'], rows)).to.deep.equal(['circuit  state', 'openai   closed', 'a']);
  });

  it('is empty without rows', () => expect(table(['circuit'], [])).to.deep.equal([]));
});
