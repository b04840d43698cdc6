import { expect } from 'chai';
import { describe, it } from 'mocha';
import { secretSources, variablesInForce } from '../../../src/config/variables-in-force.ts';

const setting = (path: string, from: string, value = '•••') => ({ path, value, from });

const settings = [
  setting('server.port', `headgate.yaml:2:9, from \${PORT}`, '8080'),
  setting('server.keys[0]', `headgate.yaml:3:9, from \${KEY} and \${file:more}`),
  setting('providers.one.base_url', `headgate.yaml:5:9, from \${URL}`, 'http://localhost'),
  setting('providers.one.api_keys[0].key', `headgate.yaml:6:9, from \${KEY}`),
  setting('providers.one.api_keys[1].key', `headgate.yaml:7:9, from \${file:key-2}`),
  setting('providers.one.tls.key', `environment, from \${TLS_KEY} and \${KEY}`),
  setting('providers.one-b.api_key', `environment, from \${KEY_B}`),
  setting('providers.two.api_key', 'headgate.yaml:9:9'),
  setting('providers.three.timeouts.stall', 'headgate.yaml:9:9, from timeouts.stall', '90s'),
];

describe('the variables of the values in force', () => {
  it('are named once each', () => {
    expect(variablesInForce(settings)).to.deep.equal(['PORT', 'KEY', 'URL', 'TLS_KEY', 'KEY_B']);
  });

  it('are told for the secrets of a provider, but for those of its connection, with whether others come from elsewhere', () => {
    expect(secretSources(settings, 'one')).to.deep.equal({ variables: ['KEY'], hasOthers: true });
    expect(secretSources(settings, 'one-b')).to.deep.equal({ variables: ['KEY_B'], hasOthers: false });
    expect(secretSources(settings, 'two')).to.deep.equal({ variables: [], hasOthers: true });
    expect(secretSources(settings, 'three')).to.deep.equal({ variables: [], hasOthers: false });
  });
});
