/** How a client's name finds a model. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { findName, inOrder, type ModelNames, upstreamName } from '../../../src/shared/model-names.ts';

function names(models: readonly string[], aliases: Record<string, string> = {}): ModelNames {
  return { models: Object.fromEntries(models.map((name) => [name, {}])), aliases, patterns: inOrder(models) };
}

const anyPart = fc.stringMatching(/^[a-z/]{0,4}$/);

describe('the name of a model', () => {
  it('is found by the pattern with the most characters beside the star, then the most before it', () => {
    expect(inOrder(['*', 'a', 'ab*', '*ab', 'abc*', 'a*b'])).to.deep.equal(['abc*', 'ab*', 'a*b', '*ab', '*']);
  });

  it('is exact, then an alias, then what a pattern matches', () => {
    const known = names(['a', 'a*', '*'], { ab: 'a' });
    expect(findName(known, 'a')).to.deep.equal({ name: 'a', matched: null });
    expect(findName(known, 'ab')).to.deep.equal({ name: 'a', matched: null });
    expect(findName(known, 'abc')).to.deep.equal({ name: 'a*', matched: 'bc' });
    expect(findName(known, 'b')).to.deep.equal({ name: '*', matched: 'b' });
    for (const none of ['', 'toString', 'a*', '*', 'a\nb', 'a b', '..', 'a/../b']) {
      const found = findName(names(['a*'], {}), none);
      expect(found, none).to.equal(null);
    }
  });

  it('is the pattern again with what was matched in place of its star', () => {
    fc.assert(
      fc.property(anyPart, anyPart, fc.stringMatching(/^[a-z0-9._:/@+-]{1,9}$/), (before, after, middle) => {
        const pattern = `${before}*${after}`;
        const asked = before + middle + after;
        const found = findName(names([pattern]), asked);
        if (middle.includes('..')) return;
        expect(found?.name).to.equal(pattern);
        expect(upstreamName(pattern, found?.matched ?? null)).to.equal(asked);
      }),
    );
  });

  it('is never what a star stands for if that could lead elsewhere in a path', () => {
    fc.assert(
      fc.property(fc.string(), (asked) => {
        const matched = findName(names(['*']), asked)?.matched ?? 'fine';
        expect(matched).to.match(/^[\w.:/@+-]+$/);
        expect(matched).not.to.include('..');
      }),
    );
  });

  it('keeps signs that have a meaning in replacements', () => {
    expect(upstreamName('x/*', 'a$&b')).to.equal('x/a$&b');
  });
});
