import { expect } from 'chai';
import { describe, it } from 'mocha';
import { translatorFor } from '../../../src/providers/registry.ts';
import { providerTypes } from '../../../src/shared/config.ts';

describe('translatorFor', () => {
  it('has a separate translator for every provider type', () => {
    const translators = providerTypes.map(translatorFor);
    expect(new Set(translators).size).to.equal(providerTypes.length);
    for (const translator of translators) {
      expect(translator).to.have.all.keys('request', 'response', 'stream', 'error');
    }
  });
});
