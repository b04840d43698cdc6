import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseJson } from '../../../src/shared/json.ts';
import { asExactRecord, parseExact, parsePayload } from '../../../src/wire/exact-json.ts';

/** Numbers that doubles hold, and such that they do not. */
const numbers = fc.oneof(
  fc.constantFrom('0', '-0', '1', '-1.5', '1e5', '9007199254740991', '0.1', '0.30000000000000004', '1234567890123456'),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat()).map(([whole, rest]) => `${whole}.${rest}`),
  fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.integer({ min: -30, max: 30 })).map(([n, e]) => `${n}e${e}`),
);
const strings = fc
  .string({ unit: fc.constantFrom('1', '9', '.', '"', '\\', ':', ',', '[', '}', ' ', 'é', '😀', '\n'), maxLength: 40 })
  .map((text) => JSON.stringify(text));
const blank = fc.constantFrom('', '', ' ', '\n\t');
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(numbers, numbers, strings, fc.constantFrom('null', 'true')),
    fc.tuple(fc.array(tie('text'), { maxLength: 4 }), blank).map(([items, space]) => `[${items.join(`${space},`)}]`),
    fc
      .tuple(
        fc.uniqueArray(fc.oneof(strings, fc.constant('"__proto__"')), { maxLength: 4 }),
        fc.array(tie('text')),
        blank,
      )
      .map(([names, items, space]) => {
        const members = names.map((name, index) => `${name}${space}:${space}${items[index] ?? '12345678901234567890'}`);
        return `{${members.join(',')}}`;
      }),
  ),
}));

/** The numbers in a text, as they are written. */
function digitsIn(json: string): string[] {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
}

function isSame(written: string, source: string): boolean {
  return written === source || (Number(source) === Number(written) && String(Number(source)) === written);
}

describe('JSON that is parsed with the digits it came with', () => {
  it('is written with them again, however it is nested', () => {
    for (const json of [
      '{"id":9007199254740993}',
      '[[{"a":[-12345678901234567890,1]}]]',
      '{"x":0.12345678901234567890}',
      '{"x":[1e400,-1E+999]}',
    ]) {
      expect(JSON.stringify(parseExact(json))).to.equal(json);
    }
  });

  it('is what JSON.parse makes of it, but for the digits of its numbers', () => {
    fc.assert(
      fc.property(text, (json) => {
        const made = JSON.stringify([parseExact(`[${json}]`)]).slice(1, -1);
        expect(JSON.stringify(JSON.parse(made))).to.equal(JSON.stringify(JSON.parse(`[${json}]`)));
        const [written, sources] = [digitsIn(made), digitsIn(JSON.stringify(JSON.parse(`[${json}]`)))];
        expect(written.length).to.equal(sources.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every digit of a number that a double cannot hold', () => {
    fc.assert(
      fc.property(fc.array(numbers), (list) => {
        const written = digitsIn(JSON.stringify(parseExact(`{"a":[${list.join(', ')}]}`)));
        for (const [index, source] of list.entries()) {
          const found = written[index] ?? '';
          const isShort = source.replace(/e.*/, '').replace(/\D/g, '').replace(/^0+/, '').length < 16;
          expect(isShort ? Number(found) === Number(source) : isSame(found, source), `${source} → ${found}`).to.equal(
            true,
          );
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused exactly if JSON.parse refuses it', () => {
    const pieces = fc.constantFrom(
      ...[
        '12345678901234567',
        '1234567890123456',
        '-',
        '.',
        'e',
        '0',
        '"',
        '\\',
        ':',
        ',',
        '{',
        '}',
        '[',
        ']',
        ' ',
        'a',
        '\n',
      ],
    );
    const damaged = fc.tuple(text, fc.nat(), pieces).map(([json, at, piece]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + piece + json.slice(place);
    });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.array(pieces).map((list) => list.join('')),
        ),
        (json) => {
          expect(parseExact(json) === undefined, json).to.equal(parseJson(json) === undefined);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(parseExact('{12345678901234567:1}')).to.equal(undefined);
    expect(parseExact('{12345678901234567 :1}')).to.equal(undefined);
  });

  it('has numbers for its own fields where it is a payload, since guards read them', () => {
    const json = '{"max_tokens":9223372036854775807,"input":{"id":9223372036854775807}}';
    const payload = parsePayload(json);
    expect(payload).to.include({ max_tokens: Number('9223372036854775807') });
    expect(JSON.stringify(asExactRecord(payload)?.input)).to.equal('{"id":9223372036854775807}');
    expect(parsePayload('12345678901234567890')).to.equal(Number('12345678901234567890'));
    expect(parsePayload('[12345678901234567890', parseJson)).to.equal(undefined);
  });

  it('has no record where a number is its own text', () => {
    const list = parseExact('[12345678901234567890,{"a":1},1]');
    const read = Array.isArray(list) ? list.map(asExactRecord) : [];
    expect(read).to.deep.equal([null, { a: 1 }, null]);
  });

  it('sets no prototype', () => {
    const tree = asExactRecord(
      parseExact('{"__proto__":12345678901234567890,"a":[{"__proto__":{"x":12345678901234567890}}]}'),
    );
    expect(Object.getPrototypeOf(tree)).to.equal(Object.prototype);
    expect(JSON.stringify(tree)).to.equal(
      '{"__proto__":12345678901234567890,"a":[{"__proto__":{"x":12345678901234567890}}]}',
    );
  });

  it('may be nested as deeply as JSON.parse bears', () => {
    const deep = `${'['.repeat(20_000)}12345678901234567890${']'.repeat(20_000)}`;
    expect(parseExact(deep)).to.be.an('array');
  });

  it('is found in any place of a text that is long', () => {
    for (let before = 0; before < 40; before += 1) {
      const json = `{"${'x'.repeat(before)}":1234567890123456789}`;
      expect(JSON.stringify(parseExact(json))).to.equal(json);
    }
  });
});
