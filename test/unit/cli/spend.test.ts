import { expect } from 'chai';
import { describe, it } from 'mocha';
import { spendCsv, spendLines } from '../../../src/cli/spend.ts';

const entry = (model: string, answers: number, unpricedAnswers: number, usd: string | null) => {
  return { group: { model }, answers, unpricedAnswers, tokens: { input: 7 }, usd };
};
const report = (...entries: ReturnType<typeof entry>[]) => ({ by: ['model'], since: null, until: null, entries });

describe('what was spent', () => {
  const mixed = report(entry('free', 1, 0, '0.00'), entry('some', 3, 1, '1.23'), entry('none', 2, 2, null));

  it('is the least that it can be where answers have no price, and no amount where none has one', () => {
    expect(spendLines(mixed)).to.deep.equal([
      'model  answers  unpriced  input       usd',
      'free         1         0      7      0.00',
      'some         3         1      7    ≥ 1.23',
      'none         2         2      7  unpriced',
      '3 answers have no known price and are not in the dollars: `headgate price MODEL` says why',
    ]);
  });

  it('leaves the cell of such an amount empty between commas, beside the number of answers without a price', () => {
    expect(spendCsv(mixed)).to.deep.equal([
      'model,answers,unpriced,input,usd',
      'free,1,0,7,0.00',
      'some,3,1,7,1.23',
      'none,2,2,7,',
    ]);
  });

  it('has the singular for one answer', () => {
    expect(spendLines(report(entry('m', 1, 1, null))).at(-1)).to.match(/^1 answer has no known price and is not in /);
  });

  it('says that nothing was spent', () => {
    expect(spendLines(report())).to.deep.equal(['nothing was spent in this time']);
  });
});
