import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../../src/config/load.ts';
import { weakSecrets } from '../../../../src/config/warnings/weak-secrets.ts';

const strong = 'k7Qw-x2Vb-9Lm4-Zt1p';

function warnings(baseUrl: string, apiKey: string, keys: readonly string[] = [], token = '') {
  const input = {
    server: { keys },
    admin: { token },
    providers: { one: { type: 'openai', base_url: baseUrl, api_key: apiKey } },
    models: { m: { targets: [{ provider: 'one', model: 'm' }] } },
  };
  const { config, secrets } = loadWithSource({ source: { kind: 'object', name: 'test', input } });
  return weakSecrets(config, secrets).map(({ message }) => message);
}

describe('the warnings of check', () => {
  it('are none for long secrets and https', () => {
    expect(warnings('https://api.example.com/v1', strong, [strong], strong)).to.deep.equal([]);
  });

  it('name short keys and tokens, and never quote them', () => {
    const found = warnings('https://api.example.com/v1', 'shortkey', [strong, 'fifteen-letters'], 'x');
    expect(found).to.have.length(3);
    expect(found[0]).to.match(/^server\.keys\[1\] has 15 characters/);
    expect(found[1]).to.match(
      /^admin\.token has 1 character and can be guessed: use at least 16, from a random source$/,
    );
    expect(found[2]).to.match(/^providers\.one\.api_key has 8 characters, .* cut off or a placeholder/);
    expect(found[2]).not.to.match(/random/);
    expect(found.join()).not.to.match(/shortkey|fifteen/);
  });

  it('tell of a key over plain http, except on this host or without a key', () => {
    expect(warnings('http://gpu.example.com:8000/v1', strong)[0]).to.contain('gpu.example.com over plain http');
    expect(warnings('http://10.0.0.5/v1', strong)).to.have.length(1);
    for (const host of ['127.0.0.1:1', 'localhost', '[::1]:80']) {
      expect(warnings(`http://${host}/v1`, 'none'), host).to.deep.equal([]);
    }
    expect(warnings('http://10.0.0.5/v1', '')).to.deep.equal([]);
  });
});
