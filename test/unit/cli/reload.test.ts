import { expect } from 'chai';
import { describe, it } from 'mocha';
import { reloadLines } from '../../../src/cli/reload.ts';

describe('what is said of a reload', () => {
  it('names the version and each change', () => {
    expect(reloadLines({ version: 3, changes: ['providers.openai: api_key changed', 'log: changed'] })).to.deep.equal([
      'reloaded: version 3 of the configuration is in force',
      '  providers.openai: api_key changed',
      '  log: changed',
    ]);
  });

  it('says so where nothing differs', () => {
    expect(reloadLines({ version: 2, changes: [] }).at(-1)).to.equal('  nothing differs from the one before');
  });
});
