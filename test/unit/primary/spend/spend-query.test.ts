import { expect } from 'chai';
import { describe, it } from 'mocha';
import { spendQuery } from '../../../../src/primary/spend/spend-query.ts';

const now = Date.parse('2026-11-27T12:30:00Z');
const asked = (text: object) => spendQuery(text, now);

describe('a query of the spend books', () => {
  it('asks for all of the time, by provider, model and key, unless it says otherwise', () => {
    expect(asked({})).to.deep.equal({ by: ['provider', 'model', 'key'], sinceMs: null, untilMs: null });
    expect(asked({ by: 'total' }).by).to.deep.equal([]);
    expect(asked({ by: 'day, model,day' }).by).to.deep.equal(['day', 'model']);
  });

  it('takes dates, months, times and spans', () => {
    const since = (text: string) => new Date(asked({ since: text }).sinceMs ?? 0).toISOString();
    expect(since('2026-11-01')).to.equal('2026-11-01T00:00:00.000Z');
    expect(since('2026-11')).to.equal('2026-11-01T00:00:00.000Z');
    expect(since('2026-11-01T10:00:00+02:00')).to.equal('2026-11-01T08:00:00.000Z');
    expect(since('24h')).to.equal('2026-11-26T12:30:00.000Z');
    expect(since('7d')).to.equal('2026-11-20T12:30:00.000Z');
    expect(asked({ until: '1w' }).untilMs).to.equal(now - 7 * 86_400_000);
    expect(asked({ until: '2026-11-27' }).untilMs).to.equal(Date.UTC(2026, 10, 28));
    expect(asked({ until: '2026-12' }).untilMs).to.equal(Date.UTC(2027, 0, 1));
    expect(asked({ until: '2026-12-31T12:00:00Z' }).untilMs).to.equal(Date.UTC(2026, 11, 31, 12));
  });

  it('names what it cannot read, and what it takes', () => {
    for (const text of ['yesterday', '2026-13-01', '2026-11-01T10:00', '7', '7y', '', '-1d']) {
      expect(() => asked({ since: text }), text).to.throw(/^since should be a date such as/);
    }
    expect(() => asked({ until: 'x' })).to.throw(/^until should be/);
    expect(() => asked({ by: 'month,colour' })).to.throw(/total, or some of hour, .* got "colour"/);
  });
});
