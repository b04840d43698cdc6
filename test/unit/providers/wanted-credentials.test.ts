import { expect } from 'chai';
import { describe, it } from 'mocha';
import { credentialsIdentity, wantedCredentials } from '../../../src/providers/wanted-credentials.ts';
import { testConfig } from '../../helpers/test-config.ts';

describe('the credentials that are wanted', () => {
  it('are none for providers with keys', () => {
    const { providers } = testConfig({ openai: 1, anthropic: 2 });
    expect(wantedCredentials(Object.values(providers))).to.deep.equal([]);
    for (const provider of Object.values(providers)) expect(credentialsIdentity(provider)).to.equal(null);
  });
});
