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

  it('aligns figures to the right, under a rule', () => {
    const rows = [
      ['plain', '7', ''],
      ['streams', '42', 'holds'],
    ];
    expect(table(['', 'µs', 'verdict'], rows, { rule: true, rightFrom: 1 })).to.deep.equal([
      '         µs  verdict',
      '-------  --  -------',
      'plain     7',
      'streams  42    holds',
    ]);
  });

  it('is nothing without rows', () => expect(table(['circuit'], [])).to.deep.equal([]));
});
