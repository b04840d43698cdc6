import { expect } from 'chai';
import fc from 'fast-check';
import { JsonPattern } from '../../../src/wire/json-pattern.ts';

const chunk = (content: unknown, more: object = {}) =>
  JSON.stringify({ id: 'c-1', choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null, ...more });

const keys = ['content', 'obfuscation'];

describe('a JSON pattern', () => {
  it('matches a text that differs only in the open strings', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.matches(chunk(' world'))).to.equal(true);
    expect(pattern?.matches(chunk('"quoted" \\ ü 😀 \n'))).to.equal(true);
    expect(pattern?.matches(chunk(' world', { id: 'c-2' }))).to.equal(false);
    expect(pattern?.matches(chunk(' world', { usage: {} }))).to.equal(false);
  });

  it('opens several strings in any order', () => {
    const pattern = JsonPattern.of(chunk('Hello', { obfuscation: 'abc' }), [...keys].reverse());
    expect(pattern?.matches(chunk('!', { obfuscation: '0123456789' }))).to.equal(true);
    expect(pattern?.matches(chunk('!'))).to.equal(false);
  });

  it('allows a space after the colon', () => {
    expect(JsonPattern.of('{"content": "a"}', keys)?.matches('{"content": "b"}')).to.equal(true);
    expect(JsonPattern.of('{"content": "a"}', keys)?.matches('{"content":"b"}')).to.equal(false);
  });

  it('is null if no key has a string, or if a key occurs twice', () => {
    expect(JsonPattern.of(chunk(null), keys)).to.equal(null);
    expect(JsonPattern.of(chunk(''), keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"a","more":{"content":"b"}}', keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"cut off', keys)).to.equal(null);
  });

  it('does not match an empty string, a longer text or a cut text', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.matches(chunk(''))).to.equal(false);
    expect(pattern?.matches(`${chunk('a')} `)).to.equal(false);
    expect(pattern?.matches(chunk('a').slice(0, -1))).to.equal(false);
  });

  for (const [fault, body] of Object.entries({
    'a bare line end': 'a\nb',
    'an unknown escape': 'a\\xb',
    'half an escape': 'a\\u00',
    'a lone backslash at the end': 'a\\',
    'another member': 'a","error":"b',
  })) {
    it(`does not match ${fault}`, () => {
      expect(JsonPattern.of(chunk('Hello'), keys)?.matches(chunk('Hello').replace('Hello', body))).to.equal(false);
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
        if (pattern?.matches(before + text + after) !== true) return;
        const { content } = JSON.parse(before + text + after).choices[0].delta;
        expect(content).to.be.a('string').that.is.not.equal('');
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
        expect(pattern?.matches(chunk(text))).to.equal(true);
      }),
    );
  });
});
