import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig } from '../../../../src/config/load.ts';
import {
  environmentConfigInput,
  environmentProviders,
  leftOutNotes,
} from '../../../../src/config/source/environment-config.ts';
import { servedModels } from '../../../../src/providers/models.ts';

const configOf = (environment: Readonly<Record<string, string>>) =>
  loadConfig({ source: { kind: 'environment' }, environment });

/** Of keys that are checked. */
const samples: Readonly<Record<string, string>> = {
  base_url: 'https://one.example',
  region: 'eu-central-1',
  project: 'my-project',
};

/** Values for all variables that a provider needs. */
const needed = (variables: (typeof environmentProviders)[number]['variables']) =>
  Object.fromEntries(
    variables.flatMap(({ name, key, optional }) => (optional ? [] : [[name, samples[key] ?? `${name}-value`]])),
  );

describe('a configuration from the environment', () => {
  for (const { type, variables } of environmentProviders) {
    it(`has a provider and its models once its variables are set: ${type}`, () => {
      const { providers, models } = configOf(needed(variables));
      expect(Object.keys(providers)).to.deep.equal([type]);
      expect(providers[type]?.type).to.equal(type);
      expect(Object.keys(models)).to.deep.equal([...servedModels(type, Date.now()), `${type}/*`]);
      expect(models[`${type}/*`]?.targets[0]).to.include({ provider: type, model: '*' });
    });

    it(`has no provider while one of its variables is missing: ${type}`, () => {
      const all = needed(variables);
      for (const name of Object.keys(all)) expect(environmentConfigInput({ ...all, [name]: '' }), name).to.equal(null);
    });
  }

  for (const { type, variables } of environmentProviders) {
    it(`tells which variable is missing beside those that are set: ${type}`, () => {
      const all = needed(variables);
      expect(leftOutNotes(all)).to.deep.equal([]);
      for (const { name, ambient } of variables) {
        const others = variables.filter((other) => other.name !== name && other.optional !== true);
        const isTold = ambient !== true && others.length > 0;
        const told = leftOutNotes({ [name]: 'canary' });
        expect(told.length, name).to.equal(isTold ? 1 : 0);
        if (isTold) expect(told[0]).to.match(new RegExp(`^${type} is left out: ${name} is set, but `));
        for (const other of isTold ? others : []) expect(told[0]).to.contain(other.name);
        expect(told.join()).not.to.contain('canary');
      }
    });
  }

  it('says it in one sentence', () => {
    expect(leftOutNotes({ AWS_BEARER_TOKEN_BEDROCK: 'k', OPENAI_API_KEY: 'k' })).to.deep.equal([
      'bedrock is left out: AWS_BEARER_TOKEN_BEDROCK is set, but AWS_REGION is not',
    ]);
    expect(leftOutNotes({ OPENAI_API_VERSION: 'v1' })).to.deep.equal([
      'azure is left out: OPENAI_API_VERSION is set, but AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY are not',
    ]);
  });

  it('has no model whose last day is over', () => {
    const namesOn = (day: string) => {
      const input = environmentConfigInput({ ANTHROPIC_API_KEY: 'a' }, Date.parse(`${day}T23:00:00Z`));
      return Object.keys((input as { models: object }).models);
    };
    expect(namesOn('2026-11-30')).to.include('claude-sonnet-4-5');
    expect(namesOn('2026-12-01')).not.to.include('claude-sonnet-4-5');
    expect(namesOn('2026-12-01')).to.include.members(['claude-sonnet-4-6', 'anthropic/*']);
  });

  it('has the targets of all providers of a model of one name, in the order of the documentation', () => {
    const { models } = configOf({ GROQ_API_KEY: 'a', CEREBRAS_API_KEY: 'b', OPENAI_API_KEY: 'c' });
    expect(models['gpt-5.5']?.targets.map(({ provider }) => provider)).to.deep.equal(['openai']);
    expect(models['openai/gpt-oss-120b']?.targets.map(({ provider }) => provider)).to.deep.equal(['groq']);
    const shared = Object.values(models).filter(({ targets }) => targets.length > 1);
    for (const { targets } of shared) {
      expect(targets.map(({ level }) => level)).to.deep.equal(targets.map((_target, index) => index));
    }
  });

  it('reads an address to listen at as one to ask, and one without a scheme', () => {
    const at = (host: string) => configOf({ OLLAMA_HOST: host }).providers.ollama?.baseUrl;
    expect(at('0.0.0.0')).to.equal('http://127.0.0.1:11434');
    expect(at(':8000')).to.equal('http://127.0.0.1:8000');
    expect(at('gpu.lan')).to.equal('http://gpu.lan:11434');
    expect(at('gpu.lan:9')).to.equal('http://gpu.lan:9');
    expect(at('http://0.0.0.0:11434')).to.equal('http://127.0.0.1:11434');
    expect(at('https://gpu.lan/v1/')).to.equal('https://gpu.lan');
  });

  it('reads no reference in the value of a variable', () => {
    expect(() => configOf({ OLLAMA_HOST: `http://\${file:/etc/hostname}` })).to.throw('base_url');
  });

  it('takes what is optional where it is set', () => {
    expect(configOf({ VLLM_BASE_URL: 'http://gpu:8000/v1', VLLM_API_KEY: 'k' }).providers.vllm?.keys[0]?.key).to.equal(
      'k',
    );
    expect(configOf({ VLLM_BASE_URL: 'http://gpu:8000/v1' }).providers.vllm?.keys[0]?.key ?? '').to.equal('');
  });
});
