import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { inOneBuffer, piecesOf } from '../../../src/wire/pieced-bytes.ts';

const KB = 1024;

describe('bytes in pieces', () => {
  it('are one buffer if they are few', () => {
    const bytes = piecesOf([Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
    expect(Buffer.isBuffer(bytes) && bytes.toString()).to.equal('abc');
    expect(inOneBuffer(bytes)).to.equal(bytes);
  });

  it('are left where they are if they are many, with what is small between them in blocks', () => {
    const large = Buffer.alloc(1_000 * KB, 'x');
    const small = Buffer.alloc(100 * KB, 'y');
    const bytes = piecesOf([small, large, small, small, small, Buffer.from('end')]);
    if (Buffer.isBuffer(bytes)) expect.fail('many bytes were copied');
    const read = [...bytes];
    expect(read.map(({ length }) => length)).to.deep.equal([100 * KB, 1_000 * KB, 200 * KB, 100 * KB + 3]);
    expect(read[1]).to.equal(large);
  });

  it('are the same bytes whatever the pieces, each time they are read', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.nat(300 * KB), fc.constant(256 * KB)), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const pieces = lengths.map((length, index) => Buffer.alloc(length, String.fromCharCode(97 + index)));
        const bytes = piecesOf(pieces);
        const whole = Buffer.concat(pieces);
        expect(bytes.length).to.equal(whole.length);
        for (let time = 0; time < 2; time += 1) expect(inOneBuffer(bytes).equals(whole)).to.equal(true);
      }),
      { numRuns: 50 },
    );
  });
});
