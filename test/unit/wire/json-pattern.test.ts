import { expect } from 'chai';
import fc from 'fast-check';
import { JsonPattern } from '../../../src/wire/json-pattern.ts';

const chunk = (content: unknown, rest: object = {}) =>
  JSON.stringify({ id: 'c-1', choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null, ...rest });

const keys = ['content', 'obfuscation'];

describe('a JSON pattern', () => {
  it('matches what differs in the open strings alone', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.matches(chunk(' world'))).to.equal(true);
    expect(pattern?.matches(chunk('"quoted" \\ ü 😀 \n'))).to.equal(true);
    expect(pattern?.matches(chunk(' world', { id: 'c-2' }))).to.equal(false);
    expect(pattern?.matches(chunk(' world', { usage: {} }))).to.equal(false);
  });

  it('opens several strings, in whatever order they stand', () => {
    const pattern = JsonPattern.of(chunk('Hello', { obfuscation: 'abc' }), [...keys].reverse());
    expect(pattern?.matches(chunk('!', { obfuscation: '0123456789' }))).to.equal(true);
    expect(pattern?.matches(chunk('!'))).to.equal(false);
  });

  it('reads a layout with a space after the colon', () => {
    expect(JsonPattern.of('{"content": "a"}', keys)?.matches('{"content": "b"}')).to.equal(true);
    expect(JsonPattern.of('{"content": "a"}', keys)?.matches('{"content":"b"}')).to.equal(false);
  });

  it('is not to be had where no key has a string, or one stands twice', () => {
    expect(JsonPattern.of(chunk(null), keys)).to.equal(null);
    expect(JsonPattern.of(chunk(''), keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"a","more":{"content":"b"}}', keys)).to.equal(null);
    expect(JsonPattern.of('{"content":"cut off', keys)).to.equal(null);
  });

  it('does not match an empty string, nor a text that goes on or breaks off', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    expect(pattern?.matches(chunk(''))).to.equal(false);
    expect(pattern?.matches(`${chunk('a')} `)).to.equal(false);
    expect(pattern?.matches(chunk('a').slice(0, -1))).to.equal(false);
  });

  for (const [what, body] of Object.entries({
    'a bare line end': 'a\nb',
    'an unknown escape': 'a\\xb',
    'half an escape': 'a\\u00',
    'a lone backslash at the end': 'a\\',
    'another member': 'a","error":"b',
  })) {
    it(`does not match ${what}`, () => {
      expect(JsonPattern.of(chunk('Hello'), keys)?.matches(chunk('Hello').replace('Hello', body))).to.equal(false);
    });
  }

  it('matches only what parses to the same but for the open strings, whatever is put in their place', () => {
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

  it('matches every string that is written as JSON writes it', () => {
    const pattern = JsonPattern.of(chunk('Hello'), keys);
    const printable = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(printable, (text) => {
        expect(pattern?.matches(chunk(text))).to.equal(true);
      }),
    );
  });
});
