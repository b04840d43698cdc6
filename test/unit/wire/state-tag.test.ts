import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withoutTag, withTag } from '../../../src/wire/state-tag.ts';

describe('the mark of an id', () => {
  it('stands behind the letters that say what it is of', () => {
    expect(withTag('resp_68af', '0a1b2c3d')).to.equal('resp_hg10a1b2c3d_68af');
    expect(withTag('msg_01X_y', '0a1b2c3d')).to.equal('msg_hg10a1b2c3d_01X_y');
    expect(withTag('5e-7f', 'abcdefab')).to.equal('hg1abcdefab_5e-7f');
  });

  it('is none where it is of another form', () => {
    for (const id of [
      'resp_68af',
      'resp_hg10a1b2c3d',
      'resp_hg10a1b2c3_68',
      'resp_hg10A1B2C3D_x',
      'hg20a1b2c3d_x',
      '',
    ]) {
      expect(withoutTag(id), id).to.deep.equal({ id, tag: null });
    }
  });

  it('comes off again, whatever the id is', () => {
    const tags = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 8, maxLength: 8 });
    const parts = fc.constantFrom('resp_', 'msg', '_', 'hg1', 'hg', 'abcdefab', '12345678', 'A', '-', 'é', '\n', '.');
    const ids = fc.array(parts, { minLength: 1, maxLength: 6 }).map((list) => list.join(''));
    fc.assert(
      fc.property(ids, tags, (id, tag) => {
        // Of letters alone nothing is left for a name.
        fc.pre(!/^[A-Za-z]+_$/.test(id));
        expect(withoutTag(withTag(id, tag))).to.deep.equal({ id, tag });
      }),
      { numRuns: 2_000 },
    );
  });
});
