import { expect } from 'chai';
import { describe, it } from 'mocha';
import { didYouMean, nearestName } from '../../../src/shared/nearest-name.ts';

describe('nearestName', () => {
  const keys = ['host', 'port', 'base_url', 'max_delay', 'openai', 'anthropic'];

  for (const [name, nearest] of [
    ['prot', 'port'],
    ['prt', 'port'],
    ['baseUrl', 'base_url'],
    ['base-url', 'base_url'],
    ['max_dely', 'max_delay'],
    ['opneai', 'openai'],
    ['antropic', 'anthropic'],
  ] as const) {
    it(`finds ${nearest} for ${name}`, () => expect(nearestName(name, keys)).to.equal(nearest));
  }

  it('finds nothing if no name is near', () => {
    expect(nearestName('colour', keys)).to.equal(null);
    expect(nearestName('port', [])).to.equal(null);
    expect(nearestName('x'.repeat(1_000_000), ['x'.repeat(1_000_001)])).to.equal(null);
  });

  it('is shown as a question', () => {
    expect(didYouMean('prot', keys)).to.equal('did you mean "port"?');
    expect(didYouMean('colour', keys)).to.equal(null);
  });
});
