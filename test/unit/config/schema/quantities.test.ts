import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseDuration, parseSize } from '../../../../src/config/schema/quantities.ts';

describe('parseDuration', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['75s', 75_000],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['24d', 2_073_600_000],
    ['0s', 0],
  ] as const) {
    it(`reads ${text}`, () => expect(parseDuration(text)).to.equal(ms));
  }

  for (const text of ['', '5', 's', '5 s', '-5s', '5S', '1m30s', '.5s', '1e3s', '５s', '5s\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseDuration(text)).to.equal(null));
  }

  it('returns whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999_999 }), (whole, part) => {
        expect(Number.isInteger(parseDuration(`${whole}.${part}s`))).to.equal(true);
      }),
    );
  });
});

describe('parseSize', () => {
  for (const [text, bytes] of [
    ['512b', 512],
    ['64kb', 65_536],
    ['32mb', 33_554_432],
    ['32MB', 33_554_432],
    ['1.5gb', 1_610_612_736],
  ] as const) {
    it(`reads ${text}`, () => expect(parseSize(text)).to.equal(bytes));
  }

  for (const text of ['', '32', '32m', '32 mb', '32Mb', '-1kb', '1tb']) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseSize(text)).to.equal(null));
  }
});
