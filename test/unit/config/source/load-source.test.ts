import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ConfigError } from '../../../../src/config/source/faults.ts';
import { findConfigSource, sourceNotes } from '../../../../src/config/source/load-source.ts';
import { inFolder } from '../../../helpers/config-text.ts';

const everything = { HEADGATE_CONFIG: 'b.yaml', OPENAI_API_KEY: 'k' };
const here = { 'headgate.yaml': '' };

describe('findConfigSource', () => {
  it('prefers --config to all other sources', () => {
    inFolder(here, (folder) => {
      const source = findConfigSource({ config: 'a.yaml', folder, environment: everything });
      expect(source).to.deep.equal({ kind: 'file', path: 'a.yaml' });
    });
  });

  it('prefers HEADGATE_CONFIG to ./headgate.yaml', () => {
    inFolder(here, (folder) => {
      expect(findConfigSource({ folder, environment: everything })).to.deep.equal({ kind: 'file', path: 'b.yaml' });
    });
  });

  it('prefers ./headgate.yaml to API keys', () => {
    inFolder(here, (folder) => {
      const source = findConfigSource({ folder, environment: { OPENAI_API_KEY: 'k', HEADGATE_CONFIG: '' } });
      expect(source).to.deep.equal({ kind: 'file', path: 'headgate.yaml' });
    });
  });

  it('prefers either API key to the demo', () => {
    inFolder({}, (folder) => {
      for (const variable of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']) {
        expect(findConfigSource({ folder, environment: { [variable]: 'k' } })).to.deep.equal({ kind: 'environment' });
        expect(findConfigSource({ folder, environment: { [variable]: '' } })).to.deep.equal({ kind: 'demo' });
      }
    });
  });

  it('prefers --demo to all sources that are no flag', () => {
    inFolder(here, (folder) => {
      expect(findConfigSource({ demo: true, folder, environment: everything })).to.deep.equal({ kind: 'demo' });
    });
  });

  it('runs the demo in production only with --demo', () => {
    inFolder({}, (folder) => {
      const environment = { NODE_ENV: 'production' };
      expect(findConfigSource({ demo: true, folder, environment })).to.deep.equal({ kind: 'demo' });
      expect(() => findConfigSource({ folder, environment })).to.throw(
        ConfigError,
        'configuration: should be given by --config, HEADGATE_CONFIG, ./headgate.yaml, the variables of a provider such as OPENAI_API_KEY (`headgate models` lists them), or --demo, got none of them',
      );
    });
  });

  it('names the variable that a provider lacks, where no source is found', () => {
    inFolder({}, (folder) => {
      const environment = { NODE_ENV: 'production', AZURE_OPENAI_API_KEY: 'k' };
      expect(() => findConfigSource({ folder, environment })).to.throw(
        /got none of them; azure is left out: AZURE_OPENAI_API_KEY is set, but AZURE_OPENAI_ENDPOINT is not$/,
      );
    });
  });

  it('has notes on variables only where it was not chosen by name', () => {
    const environment = { AZURE_OPENAI_API_KEY: 'k' };
    expect(sourceNotes({ kind: 'demo' }, { environment })).to.have.length(1);
    expect(sourceNotes({ kind: 'environment' }, { environment })).to.have.length(1);
    expect(sourceNotes({ kind: 'demo' }, { demo: true, environment })).to.deep.equal([]);
    expect(sourceNotes({ kind: 'file', path: 'a.yaml' }, { environment })).to.deep.equal([]);
  });

  it('refuses --demo and --config together', () => {
    expect(() => findConfigSource({ demo: true, config: 'a.yaml', environment: {} })).to.throw(ConfigError, '--demo');
  });
});
