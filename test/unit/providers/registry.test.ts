import { expect } from 'chai';
import { describe, it } from 'mocha';
import { providerTypes } from '../../../src/config/types.ts';
import { translatorFor } from '../../../src/providers/registry.ts';

describe('translatorFor', () => {
  it('has a translator of its own for every type of provider', () => {
    const translators = providerTypes.map(translatorFor);
    expect(new Set(translators).size).to.equal(providerTypes.length);
    for (const translator of translators) {
      expect(translator).to.have.all.keys('request', 'response', 'stream', 'error');
    }
  });
});
