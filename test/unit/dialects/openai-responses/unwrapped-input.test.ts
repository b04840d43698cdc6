import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { UnwrappedInput } from '../../../../src/dialects/openai-responses/unwrapped-input.ts';

function unwrapped(...pieces: readonly string[]): { told: string; text: string } {
  const input = new UnwrappedInput();
  const told = pieces.map((piece) => input.push(piece)).join('') + input.end();
  return { told, text: input.text };
}

/** A text in pieces of these lengths. */
function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const length of lengths) {
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return [...pieces, text.slice(from)];
}

/** As some models write it: with escapes for all that is not ASCII. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('the input of a custom tool', () => {
  it('is the text in the arguments, however they are cut', () => {
    const lengths = fc.array(fc.nat(5), { maxLength: 20 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), lengths, fc.boolean(), (text, at, isAscii) => {
        const whole = text.toWellFormed();
        const json = JSON.stringify({ input: whole });
        expect(unwrapped(...cut(isAscii ? inAscii(json) : json, at))).to.deep.equal({ told: whole, text: whole });
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes piece by piece, and never half a character', () => {
    const input = new UnwrappedInput();
    const pieces = ['{ "input" : "a', 'b\\', 'n\\ud83d', '\\ude', '00c', '"} '];
    expect(pieces.map((piece) => input.push(piece))).to.deep.equal(['a', 'b', '\n', '', '😀c', '']);
    expect(unwrapped('{"input":"\\ud83d"}').text).to.equal('\ufffd');
  });

  it('is found in arguments of another form, or is those', () => {
    expect(unwrapped('{"why":"x","input":"text"}').text).to.equal('text');
    expect(unwrapped('{"patch":"*** Be', 'gin Patch\\n"}').text).to.equal('*** Begin Patch\n');
    for (const other of ['{"a":"x","b":"y"}', '{"a":1}', '["x"]']) expect(unwrapped(other).text).to.equal(other);
    expect(unwrapped('*** Begin ', 'Patch').text).to.equal('*** Begin Patch');
    expect(unwrapped('{}').text).to.equal('');
    expect(unwrapped('').text).to.equal('');
  });

  it('is what has come of it where it is cut off', () => {
    expect(unwrapped('{"input":"half of').text).to.equal('half of');
    expect(unwrapped('{"input":"half\\u00').text).to.equal('half');
  });
});
