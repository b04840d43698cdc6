import { expect } from 'chai';
import { describe, it } from 'mocha';
import { reloadLines } from '../../../src/cli/reload.ts';

describe('reloadLines', () => {
  it('name the version and each change', () => {
    expect(reloadLines({ version: 3, changes: ['providers.openai: api_key changed', 'log: changed'] })).to.deep.equal([
      'reloaded: version 3 of the configuration is now in use',
      '  providers.openai: api_key changed',
      '  log: changed',
    ]);
  });

  it('report that nothing has changed', () => {
    expect(reloadLines({ version: 2, changes: [] }).at(-1)).to.equal('  nothing has changed');
  });

  it('say that variables of the environment cannot have changed', () => {
    expect(reloadLines({ version: 2, changes: [], variables: ['KEY_A', 'KEY_B'] }).slice(1)).to.deep.equal([
      '  nothing has changed',
      '  variables of the environment keep their values until the gateway is stopped and started: KEY_A, KEY_B',
    ]);
  });
});
