import { expect } from 'chai';
import fc from 'fast-check';
import { JsonPattern } from '../../../src/wire/json-pattern.ts';

const chunk = (content: unknown, more: object = {}) =>
  JSON.stringify({ id: 'c-1', choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null, ...more });

const keys = ['content', 'obfuscation'];

describe('a JSON pattern', () => {
  it('matches a text that differs only in the open strings', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.measure(chunk(' world'))).to.be.at.least(0);
    expect(pattern?.measure(chunk('"quoted" \\ ü 😀 \n'))).to.be.at.least(0);
    expect(pattern?.measure(chunk(' world', { id: 'c-2' }))).to.equal(-1);
    expect(pattern?.measure(chunk(' world', { usage: {} }))).to.equal(-1);
  });

  it('opens several strings in any order', () => {
    const pattern = JsonPattern.of(chunk('Hello', { obfuscation: 'abc' }), [...keys].reverse());
    expect(pattern?.measure(chunk('!', { obfuscation: '0123456789' }))).to.be.at.least(0);
    expect(pattern?.measure(chunk('!'))).to.equal(-1);
  });

  it('measures the strings under its keys, and none of the others', () => {
    const pattern = JsonPattern.of(chunk('Hello', { obfuscation: 'abc' }), ['content'], ['obfuscation']);
    expect(pattern?.measure(chunk('ü\n!', { obfuscation: '0123456789' }))).to.equal(4);
  });

  it('allows a space after the colon', () => {
    expect(JsonPattern.of('{"content": "a"}', keys)?.measure('{"content": "b"}')).to.be.at.least(0);
    expect(JsonPattern.of('{"content": "a"}', keys)?.measure('{"content":"b"}')).to.equal(-1);
  });

  it('is null if no key has a string, or if a key occurs twice', () => {
    expect(JsonPattern.of(chunk(null), keys)).to.equal(null);
    expect(JsonPattern.of(chunk(''), keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"a","more":{"content":"b"}}', keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"cut off', keys)).to.equal(null);
  });

  it('does not match an empty string, a longer text or a cut text', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.measure(chunk(''))).to.equal(-1);
    expect(pattern?.measure(`${chunk('a')} `)).to.equal(-1);
    expect(pattern?.measure(chunk('a').slice(0, -1))).to.equal(-1);
  });

  for (const [fault, body] of Object.entries({
    'a bare line end': 'a\nb',
    'an unknown escape': 'a\\xb',
    'half an escape': 'a\\u00',
    'a lone backslash at the end': 'a\\',
    'another member': 'a","error":"b',
  })) {
    it(`does not match ${fault}`, () => {
      expect(JsonPattern.of(chunk('Hello'), keys)?.measure(chunk('Hello').replace('Hello', body))).to.equal(-1);
    });
  }

  it('matches only a text that parses to the same except for the open strings, for any text in them', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    const [before = '', after = ''] = chunk('Hello').split('Hello');
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', '"', '\\', 'u', '0', 'n', ',', ':', '}', '\u0000') }),
    );
    fc.assert(
      fc.property(body, (text) => {
        const bytes = pattern?.measure(before + text + after) ?? -1;
        if (bytes < 0) return;
        const { content } = JSON.parse(before + text + after).choices[0].delta;
        expect(content).to.be.a('string').that.is.not.equal('');
        expect(bytes).to.equal(Buffer.byteLength(content));
        expect(JSON.parse(before + text + after)).to.deep.equal(JSON.parse(chunk(content)));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches every string that JSON.stringify writes', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    const printable = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(printable, (text) => {
        expect(pattern?.measure(chunk(text))).to.equal(Buffer.byteLength(text));
      }),
    );
  });
});
