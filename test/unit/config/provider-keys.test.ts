/** Several keys of a provider in the configuration. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../src/config/load.ts';
import { doubledKeys } from '../../../src/config/warnings/doubled-keys.ts';
import { weakSecrets } from '../../../src/config/warnings/weak-secrets.ts';
import type { ProviderConfig } from '../../../src/shared/config.ts';
import { linesOf, load, smallest } from '../../helpers/config-text.ts';

/** `smallest` with more in the block of its provider. */
const given = (more: string) => smallest.replace('/v1"', `/v1", ${more}`);

function providerOf(more: string, environment: Record<string, string> = {}): ProviderConfig {
  const { local } = load(given(more), { environment }).providers;
  if (local === undefined) throw new Error('there is no such provider');
  return local;
}

const named = (more: string, environment = {}) =>
  providerOf(more, environment).keys.map(({ name, key }) => [name, key]);

describe('the keys of a provider', () => {
  it('are the only one, named default, or those of a list with their names and weights', () => {
    expect(named('api_key: sk-1')).to.deep.equal([['default', 'sk-1']]);
    const { keys } = providerOf('api_keys: [{ name: a, key: sk-a }, { name: b-2, key: sk-b, weight: 2.5 }]');
    expect(keys.map(({ account: _, ...key }) => key)).to.deep.equal([
      { name: 'a', key: 'sk-a', weight: 1 },
      { name: 'b-2', key: 'sk-b', weight: 2.5 },
    ]);
  });

  it('are those of the list that are not empty, or one empty one', () => {
    const list = `api_keys: [{ name: a, key: "\${A:-}" }, { name: b, key: "\${B:-}" }]`;
    expect(named(list, { B: 'sk-b' })).to.deep.equal([['b', 'sk-b']]);
    expect(named(list)).to.deep.equal([['default', '']]);
  });

  it('are several where each may serve, and at Vertex none, since its key is the token of one account', () => {
    const list = 'api_keys: [{ name: a, key: sk-a }, { name: b, key: sk-b }]';
    const lines = (block: string) =>
      linesOf(`providers: { p: { ${block} } }\nmodels: { m: { targets: [{ provider: p, model: m }] } }\n`);
    expect(lines(`type: vertex, project: tides, ${list}`).join()).to.match(
      /providers\.p\.api_keys.* should be left out: type vertex .*add a provider for each/,
    );
    expect(lines(`type: bedrock, region: eu-central-1, ${list}`)).to.deep.equal([]);
    expect(lines(`type: azure, resource: tides, ${list}`)).to.deep.equal([]);
  });

  it('of AWS are refused in halves', () => {
    const lines = (block: string) => {
      const provider = `type: bedrock, region: eu-central-1, ${block}`;
      return linesOf(`providers: { p: { ${provider} } }\nmodels: { m: { targets: [{ provider: p, model: m }] } }\n`);
    };
    const [id, secret] = ['access_key_id: AKIAIOSFODNN7EXAMPLE', 'secret_access_key: 0123456789abcdef0123456789abcdef'];
    expect(lines(id).join()).to.match(/p\.access_key_id.* should stand beside secret_access_key/);
    expect(lines(`${id}, secret_access_key: ""`).join()).to.match(/should stand beside secret_access_key/);
    expect(lines(secret).join()).to.match(/p\.secret_access_key.* should stand beside access_key_id/);
    expect(lines('external_id: one').join()).to.match(/should stand beside role_arn/);
    expect(lines('access_key_id: "", secret_access_key: ""')).to.deep.equal([]);
    expect(lines(`${id}, ${secret}`)).to.deep.equal([]);
  });

  it('are accounts by themselves: the same alone as in a list, whatever their names and weights', () => {
    const accounts = (more: string) => providerOf(more).keys.map(({ account }) => account);
    const [alone] = accounts('api_key: sk-a');
    expect(providerOf('api_key: sk-a').account).to.equal(alone);
    const [first, second] = accounts('api_keys: [{ name: b, key: sk-b }, { name: x, key: sk-a, weight: 3 }]');
    expect(second).to.equal(alone);
    expect(first).to.not.equal(alone);
  });

  it('are all secrets, which are redacted and never shown', () => {
    const config = load(given('api_keys: [{ name: a, key: sk-a-canary }, { name: b, key: sk-b-canary }]'));
    expect(config.secrets).to.deep.equal(['sk-a-canary', 'sk-b-canary']);
    expect(linesOf(given('api_keys: [{ name: a, key: "sk canary" }]')).join()).not.to.contain('canary');
    expect(linesOf(given('api_keys: sk-canary')).join()).not.to.contain('canary');
    expect(linesOf(given('api_keys: [sk-canary]')).join()).not.to.contain('canary');
  });

  for (const [what, more, fault] of [
    [
      'beside the only one',
      'api_key: sk-1, api_keys: [{ name: a, key: sk-a }]',
      '3:79 providers.local.api_keys: should be left out beside api_key: put that key into the list',
    ],
    [
      'none',
      'api_keys: []',
      `3:74 providers.local.api_keys: should be a list of at least one key, such as [{ name: first, key: "\${FIRST_KEY}" }], got an empty list (not shown, since it may be a secret)`,
    ],
    [
      'with a name twice',
      'api_keys: [{ name: a, key: sk-a }, { name: a, key: sk-b }]',
      '3:107 providers.local.api_keys[1].name: should be a name that no key before it has, got "a"',
    ],
    [
      'with a name that is no label',
      'api_keys: [{ name: "a b", key: sk-a }]',
      '3:83 providers.local.api_keys[0].name: should be a name of up to 64 letters, digits and . _ - that starts with a letter or digit, and tells nothing of the key, got "a b"',
    ],
    [
      'named by themselves',
      'api_keys: [{ name: sk-a, key: sk-a }]',
      '3:83 providers.local.api_keys[0].name: should be a name that tells nothing of the key, got the key itself',
    ],
    [
      'without weight',
      'api_keys: [{ name: a, key: sk-a, weight: 0 }]',
      '3:105 providers.local.api_keys[0].weight: should be a number above 0, up to 1000000, got 0',
    ],
  ] as const) {
    it(`are not ${what}`, () => {
      expect(linesOf(given(more))).to.deep.equal([fault]);
    });
  }

  it('are required at an official address, one of them at least', () => {
    const official = (more: string) => given(more).replace('http://127.0.0.1:8001', 'https://api.openai.com');
    const list = (key: string) => `api_keys: [{ name: a, key: "" }, { name: b, key: "${key}" }]`;
    expect(linesOf(official(list('sk-b')))).to.deep.equal([]);
    expect(linesOf(official(list('')))[0]).to.contain(
      'providers.local.api_keys[0].key: should be an API key, since api.openai.com requires one, and no other is given',
    );
  });
});

describe('the warnings of check for several keys', () => {
  const long = 'k7Qw-x2Vb-9Lm4-Zt1p';
  const warnings = (...keys: readonly string[]) => {
    const api_keys = keys.map((key, index) => ({ name: `k${index}`, key }));
    const input = {
      providers: { one: { type: 'openai', base_url: 'https://api.example.com/v1', api_keys } },
      models: { m: { targets: [{ provider: 'one', model: 'm' }] } },
    };
    const { config, secrets } = loadWithSource({ source: { kind: 'object', name: 'test', input } });
    return [...weakSecrets(config, secrets), ...doubledKeys(config, secrets)].map(({ message }) => message);
  };

  it('name what is short, and what stands there twice', () => {
    expect(warnings(long, `${long}2`)).to.deep.equal([]);
    expect(warnings(long, 'short')[0]).to.match(/^providers\.one\.api_keys\[1\]\.key has 5 characters/);
    expect(warnings(long, `${long}2`, long)).to.deep.equal([
      'providers.one.api_keys[2].key is the same key as providers.one.api_keys[0].key, for the same address: it adds nothing, and limits of one are not seen by the other',
    ]);
  });
});
