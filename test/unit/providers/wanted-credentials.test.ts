import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  credentialsIdentity,
  settingsWithoutEffect,
  wantedCredentials,
} from '../../../src/providers/wanted-credentials.ts';
import type { ProviderConfig } from '../../../src/shared/config.ts';
import { testConfig } from '../../helpers/test-config.ts';

const { providers } = testConfig({ openai: 1, anthropic: 2 });

function signed(name: string, settings: Readonly<Record<string, string>>, key = ''): ProviderConfig {
  const { openai } = providers;
  if (openai === undefined) throw new Error('the fixture lacks its provider');
  return {
    ...openai,
    name,
    type: 'bedrock',
    dialects: ['openai-chat'],
    keys: openai.keys.map((each) => ({ ...each, key })),
    settings,
  };
}

describe('the credentials that are wanted', () => {
  it('are none for providers with keys', () => {
    expect(wantedCredentials(Object.values(providers))).to.deep.equal([]);
    for (const provider of Object.values(providers)) expect(credentialsIdentity(provider)).to.equal(null);
    expect(credentialsIdentity(signed('a', { region: 'r' }, 'a-key'))).to.equal(null);
  });

  it('are the same for providers of the same settings, in any order', () => {
    const [one, other] = [signed('a', { region: 'r', profile: 'p' }), signed('b', { profile: 'p', region: 'r' })];
    const third = signed('c', { region: 's', profile: 'p' });
    const wanted = wantedCredentials([one, other, third]);
    expect(wanted.map((each) => [each.kind, each.providers])).to.deep.equal([
      ['sigv4', ['a', 'b']],
      ['sigv4', ['c']],
    ]);
    expect(wanted[0]?.identity)
      .to.equal(credentialsIdentity(other))
      .and.to.match(/^[0-9a-f]{16}$/);
    expect(wanted[1]?.identity).to.equal(credentialsIdentity(third)).and.not.equal(wanted[0]?.identity);
  });

  it('are others through another proxy, since an identity is fetched by the way of its provider', () => {
    const rules = (port: number) => ({ http: `http://127.0.0.1:${port}`, https: null, bypass: '' });
    const direct = signed('a', { region: 'r' });
    const [one, other] = [rules(1), rules(2)].map((proxy) => ({ ...signed('b', { region: 'r' }), proxy }));
    if (one === undefined || other === undefined) throw new Error('there are two');
    const wanted = wantedCredentials([direct, one, other, { ...one, name: 'c' }]);
    expect(wanted.map(({ proxy, providers: names }) => [proxy?.http, names])).to.deep.equal([
      [undefined, ['a']],
      ['http://127.0.0.1:1', ['b', 'c']],
      ['http://127.0.0.1:2', ['b']],
    ]);
    expect(new Set(wanted.map(({ identity }) => identity)).size).to.equal(3);
    expect(credentialsIdentity(other)).to.equal(wanted[2]?.identity);
  });

  it('leave no effect to the settings of an identity beside a key', () => {
    const settings = { region: 'r', profile: 'p', role_arn: 'a' };
    expect(settingsWithoutEffect(signed('a', settings))).to.deep.equal([]);
    expect(settingsWithoutEffect(signed('a', settings, 'a-key'))).to.deep.equal(['profile', 'role_arn']);
    for (const provider of Object.values(providers)) expect(settingsWithoutEffect(provider)).to.deep.equal([]);
  });
});
