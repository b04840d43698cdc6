import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import type { TargetConfig } from '../../../../src/shared/config.ts';
import type { PriceTable } from '../../../../src/shared/prices.ts';
import { PriceBook } from '../../../../src/worker/prices/price-book.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const table = (input: number): PriceTable => ({ periods: [{ rates: { input } }] });

function target(model: string): TargetConfig {
  const [first] = testConfig({ openai: 1, model }).models['gpt-4']?.targets ?? [];
  if (first === undefined) throw new Error('there is no target');
  return first;
}

describe('the price book of a worker', () => {
  let asked: string[];
  let book: PriceBook;
  let clock: ManualClock;

  beforeEach(() => {
    asked = [];
    clock = new ManualClock();
    book = new PriceBook({ ask: (provider, model) => asked.push(`${provider} ${model}`), clock });
  });

  const answer = (model: string, price: PriceTable | null) => book.take({ provider: 'openai', model, table: price });

  it('has the tables of configured targets without asking, and those that replace them', () => {
    const configured = target('a');
    book.takeAll([{ provider: 'openai', model: 'a', table: table(1) }]);
    expect(book.quote(configured, null).table).to.deep.equal(table(1));
    book.takeAll([{ provider: 'openai', model: 'a', table: table(2) }]);
    expect(book.quote(configured, null).table).to.deep.equal(table(2));
    expect(asked).to.deep.equal([]);
  });

  it('prefers the price of the configuration', () => {
    book.takeAll([{ provider: 'openai', model: 'a', table: table(1) }]);
    expect(book.quote({ ...target('a'), price: table(9) }, null).table).to.deep.equal(table(9));
  });

  it('asks once for a name that it does not know, and tells all that hold its quote', () => {
    const star = target('*');
    const quotes = [book.quote(star, 'x'), book.quote(star, 'x')];
    expect(asked).to.deep.equal(['openai x']);
    expect(quotes.map(({ isPending }) => isPending)).to.deep.equal([true, true]);
    answer('x', table(3));
    expect(quotes.map((quote) => quote.table)).to.deep.equal([table(3), table(3)]);
    expect(book.quote(star, 'x').table).to.deep.equal(table(3));
    expect(asked).to.have.length(1);
  });

  it('keeps a bounded number of names, the latest, whatever clients name', () => {
    const star = target('*');
    const first = book.quote(star, 'first');
    answer('first', table(1));
    for (let name = 0; name < 5_000; name += 1) {
      clock.advance(50);
      book.quote(star, String(name));
      answer(String(name), null);
    }
    expect(asked).to.have.length(5_001);
    expect(first.table).to.deep.equal(table(1));
    book.quote(star, '4999');
    expect(asked).to.have.length(5_001);
    book.quote(star, 'first');
    expect(asked).to.have.length(5_002);
  });

  it('asks a bounded number of questions at once, and goes without a price beyond it', () => {
    const star = target('*');
    const quotes = Array.from({ length: 1_000 }, (_, name) => book.quote(star, String(name)));
    expect(asked.length).to.be.at.most(100);
    expect(quotes.at(-1)).to.include({ isPending: false, table: null });
    answer('0', table(1));
    book.quote(star, 'later');
    expect(asked.at(-1)).to.equal('openai later');
  });

  it('asks a bounded number of questions in a second', () => {
    const star = target('*');
    for (let name = 0; name < 1_000; name += 1) {
      book.quote(star, String(name));
      answer(String(name), null);
    }
    expect(asked).to.have.length(100);
    clock.advance(1_000);
    book.quote(star, 'later');
    expect(asked.at(-1)).to.equal('openai later');
  });

  it('takes no answer that it did not ask for', () => {
    const star = target('*');
    answer('x', table(1));
    expect(book.quote(star, 'x').isPending).to.equal(true);
  });

  it('goes without a price where there is no primary, and asks again', () => {
    let failing: (() => void)[] = [];
    book = new PriceBook({
      ask: (_provider, model, failed) => {
        asked.push(model);
        failing.push(failed);
      },
      clock,
    });
    const quote = book.quote(target('*'), 'x');
    for (const fail of failing.splice(0)) fail();
    expect(quote).to.include({ isPending: false, table: null });
    failing = [];
    book.quote(target('*'), 'x');
    expect(asked).to.deep.equal(['x', 'x']);
  });
});
