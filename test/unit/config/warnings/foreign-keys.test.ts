import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../../src/config/load.ts';
import { foreignKeys } from '../../../../src/config/warnings/foreign-keys.ts';
import { warningsOf } from '../../../../src/config/warnings/warnings.ts';

const secret = 'CANARY-of-a-key-0123456789';

function loaded(provider: Record<string, unknown>) {
  const targets = [{ provider: 'one', model: 'm', max_tokens: 1 }];
  const input = { providers: { one: provider }, models: { m: { targets } } };
  return loadWithSource({ source: { kind: 'object', name: 'test', input } });
}

function warnings(provider: Record<string, unknown>) {
  const { config, secrets } = loaded(provider);
  return foreignKeys(config, secrets).map(({ message }) => message);
}

describe('the warning of another provider’s key', () => {
  for (const [type, beginning, whose] of [
    ['openai', 'sk-ant-', 'anthropic'],
    ['anthropic', 'sk-proj-', 'openai'],
    ['groq', 'sk-or-', 'openrouter'],
    ['openai', 'AIzaSy', 'gemini or vertex'],
  ] as const) {
    it(`is given for ${beginning} at ${type}, and says no more of the key`, () => {
      const [message = '', ...others] = warnings({ type, api_key: beginning + secret });
      expect(others).to.deep.equal([]);
      expect(message).to.match(
        new RegExp(`^providers\\.one\\.api_key begins with ${beginning}, as keys of ${whose} do`),
      );
      expect(message).not.to.include('CANARY');
    });
  }

  it('is given for one of several keys, at its place, beside the others', () => {
    const keys = [
      { name: 'a', key: `sk-proj-${secret}` },
      { name: 'b', key: `sk-ant-${secret}` },
    ];
    const found = warningsOf(loaded({ type: 'openai', api_keys: keys }), 0).map(({ path }) => path);
    expect(found).to.deep.equal(['providers.one.api_keys[1].key']);
  });

  it('is not given for a key of its own or without a beginning, nor at another address', () => {
    expect(warnings({ type: 'openai', api_key: `sk-proj-${secret}` })).to.deep.equal([]);
    expect(warnings({ type: 'openai', api_key: `sk-${secret}` })).to.deep.equal([]);
    const base_url = 'https://api.anthropic.com/v1';
    expect(warnings({ type: 'openai', base_url, api_key: `sk-ant-${secret}` })).to.deep.equal([]);
  });
});
