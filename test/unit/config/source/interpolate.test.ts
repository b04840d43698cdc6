import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { interpolate, type ReferenceSources } from '../../../../src/config/source/interpolate.ts';

const sources: ReferenceSources = {
  variable: (name) =>
    new Map([
      ['A', 'one'],
      ['B', `\${A}`],
      ['EMPTY', ''],
      ['file', 'a file'],
    ]).get(name),
  file(path) {
    return path === 'secret' ? { kind: 'text', text: 'sk-1\r\n' } : { kind: 'unfit', got: 'ENOENT' };
  },
};

const text = (given: string) => {
  const result = interpolate(given, sources);
  return result.kind === 'text' ? result.text : `failed: ${result.message}`;
};

describe('interpolate', () => {
  for (const [given, result] of [
    ['plain $A $ {A}', 'plain $A $ {A}'],
    [`\${A}`, 'one'],
    [`<\${A}-\${A}>`, '<one-one>'],
    [`\${NO:-two}`, 'two'],
    [`\${NO:-}`, ''],
    [`\${EMPTY:-two}`, 'two'],
    [`\${A:-two}`, 'one'],
    [`\${A:?why}`, 'one'],
    [`\${NO:-a:b?c-d}`, 'a:b?c-d'],
    [`\${file:secret}`, 'sk-1'],
    [`\${file}`, 'a file'],
    [`\${file:-x}`, 'a file'],
    [`$\${A}`, `\${A}`],
    [`\${NO}`, 'failed: should be the value of the environment variable NO, got none: it is not set'],
    [`\${EMPTY}`, 'failed: should be the value of the environment variable EMPTY, got an empty one'],
    [
      `\${NO:?ask Ann}`,
      'failed: should be the value of the environment variable NO (ask Ann), got none: it is not set',
    ],
    [`\${NO:?}`, 'failed: should be the value of the environment variable NO, got none: it is not set'],
    [`\${file:nope}`, 'failed: should be the text of a regular file "nope" of at most 1 MiB, got ENOENT'],
  ] as const) {
    it(`turns ${given} into ${JSON.stringify(result)}`, () => expect(text(given)).to.equal(result));
  }

  for (const given of [`\${}`, `\${1A}`, `\${A-x}`, `\${A:x}`, `\${A`, `\${ A }`]) {
    it(`refuses the form ${given}`, () => expect(text(given)).to.match(/^failed: should hold references of the form/));
  }

  it('does not replace references in its own results', () => expect(text(`\${B}`)).to.equal(`\${A}`));

  it('names references without their defaults', () => {
    const result = interpolate(`\${A:-secret} and \${file:secret}`, sources);
    expect(result).to.deep.include({ references: [`\${A}`, `\${file:secret}`] });
  });

  it('does not change a text without references', () => {
    fc.assert(
      fc.property(
        fc.string().filter((given) => !given.includes(`\${`)),
        (given) => {
          expect(interpolate(given, sources)).to.deep.equal({ kind: 'text', text: given, references: [] });
        },
      ),
    );
  });
});
