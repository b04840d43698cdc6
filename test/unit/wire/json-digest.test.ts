import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { JsonDigest } from '../../../src/wire/json-digest.ts';

const long = (text: string, bytes = 5_000) => text.repeat(Math.ceil(bytes / text.length));

function digested(json: string): unknown {
  const bytes = Buffer.from(json);
  return JSON.parse(JsonDigest.of(bytes).text(bytes));
}

describe('the digest of a JSON text', () => {
  it('shortens long strings and keeps what is around them', () => {
    const text = `{"model":"é","a":["${long('abc')}",1],"b":"\\"","c":"${long('\\"x\\\\')}"}`;
    expect(digested(text)).to.deep.equal({ model: 'é', a: ['-', 1], b: '"', c: '-' });
  });

  it('keeps of each long value of a choice only of what kind it is', () => {
    const choice = {
      index: 0,
      message: { content: long('x') },
      logprobs: { content: Array.from({ length: 999 }, () => ({})) },
    };
    expect(
      digested(JSON.stringify({ choices: [{ ...choice, finish_reason: 'stop' }], usage: { n: 1 } })),
    ).to.deep.equal({
      choices: [{ index: 0, message: { '-': ['-'] }, logprobs: { '-': ['-'] }, finish_reason: 'stop' }],
      usage: { n: 1 },
    });
  });

  it('is small whatever the text is made of, and wherever it is', () => {
    const branches = `[${'{},'.repeat(300_000)}{}]`;
    const outer = [
      branches,
      `{"choices":[],"x":${branches}}`,
      `{"error":{"x":${branches}}}`,
      `{"choices":[{"x":${branches}}]}`,
    ];
    const many = [
      `{${Array.from({ length: 200_000 }, (_, index) => `"${index}":1`).join()}}`,
      `{"x":${'1'.repeat(900_000)}}`,
    ];
    for (const text of [...outer, ...many]) {
      const bytes = Buffer.from(text);
      const digest = JsonDigest.of(bytes);
      expect(digest.isWhole).to.equal(true);
      expect(digest.text(bytes).length).to.be.below(513 * 1024);
      JSON.parse(digest.text(bytes));
    }
  });

  it('keeps hundreds of choices, each with its finish reason', () => {
    const choices = Array.from({ length: 200 }, (_, index) => ({
      index,
      message: { content: long('x') },
      finish_reason: 'stop',
    }));
    const kept = digested(JSON.stringify({ choices })) as { choices: { finish_reason: string }[] };
    expect(kept.choices.map((choice) => choice.finish_reason)).to.deep.equal(choices.map(() => 'stop'));
  });

  it('tells a whole text from a broken one, and one value after the other from both', () => {
    const states = (json: string) => {
      const { isWhole, isSound } = JsonDigest.of(Buffer.from(json));
      return [isWhole, isSound];
    };
    expect(states('{"a":1} \n')).to.deep.equal([true, true]);
    expect(states('{"a":1')).to.deep.equal([false, false]);
    expect(states('{"a":1}}')).to.deep.equal([false, true]);
    expect(states('{"a":1}\n{"a":2}')).to.deep.equal([false, true]);
    expect(states('{"a":tru}')).to.deep.equal([false, false]);
    expect(states('['.repeat(600))).to.deep.equal([false, true]);
  });

  it('lets invalid UTF-8 pass, as a decoder does', () => {
    const bytes = Buffer.from('{"a":"\xff"}', 'latin1');
    expect(JsonDigest.of(bytes).isWhole).to.equal(true);
  });

  it('does not depend on how the bytes were cut, and is whole where the text can be parsed', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('"', '\\', 'é'),
      fc.string({ minLength: 1 }).map((each) => long(each)),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(text, fc.double(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('any'), { maxLength: 3 }),
      object: fc.dictionary(fc.string({ maxLength: 5 }), tie('any'), { maxKeys: 3 }),
    })).object;
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (object, size, share) => {
          const whole = Buffer.from(JSON.stringify(object));
          const bytes = share > 0.5 ? whole : whole.subarray(0, Math.ceil(whole.length * share * 2));
          const digest = new JsonDigest();
          for (let from = 0; from < bytes.length; from += size) digest.push(bytes.subarray(from, from + size));
          expect(digest.isWhole).to.equal(bytes.length === whole.length);
          if (!digest.isWhole) return;
          const shortened = digest.text(bytes);
          expect(shortened).to.equal(JsonDigest.of(bytes).text(bytes));
          expect(Object.keys(JSON.parse(shortened))).to.deep.equal(Object.keys(JSON.parse(whole.toString())));
        },
      ),
      { numRuns: 300 },
    );
  });
});
