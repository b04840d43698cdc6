import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { dollars, spendReport } from '../../../../src/primary/spend/spend-report.ts';

describe('a report of what was spent', () => {
  it('has each group with its tokens and its dollars', () => {
    const query = { by: ['model', 'day'], sinceMs: 0, untilMs: null } as const;
    const amounts = { answers: 3n, unpriced_answers: 1n, input: 12n, output: 4n, nano_usd: 1_230_000_000n };
    expect(spendReport(query, [{ group: ['m', '2026-11-27'], amounts }])).to.deep.equal({
      by: ['model', 'day'],
      since: '1970-01-01T00:00:00.000Z',
      until: null,
      entries: [
        {
          group: { model: 'm', day: '2026-11-27' },
          answers: 3,
          unpricedAnswers: 1,
          tokens: { input: 12, output: 4 },
          usd: '1.23',
        },
      ],
    });
  });

  it('has no dollars where no price is known, and never 0 of them', () => {
    const query = { by: [], sinceMs: null, untilMs: null } as const;
    const usd = (amounts: Record<string, bigint>) => spendReport(query, [{ group: [], amounts }]).entries[0]?.usd;
    expect(usd({ answers: 2n, unpriced_answers: 2n, input: 5n })).to.equal(null);
    expect(usd({ answers: 2n, unpriced_answers: 1n, nano_usd: 5n })).to.equal('0.000000005');
    expect(usd({ answers: 2n })).to.equal('0.00');
  });

  it('shows all digits of an amount, and none that it does not have', () => {
    expect([0n, 1n, 10n, 1_500_000_000n, 2_000_000_000n].map(dollars)).to.deep.equal([
      '0.00',
      '0.000000001',
      '0.00000001',
      '1.50',
      '2.00',
    ]);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 80n }), (nano) => {
        const [whole = '', part = ''] = dollars(nano).split('.');
        expect(BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0'))).to.equal(nano);
      }),
    );
  });
});
