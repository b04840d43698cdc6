/** A key that stands where a path, a certificate or the name of a variable belongs: no fault shows it, nor its line. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../src/config/load.ts';
import { shownUnlessKeyPaths } from '../../../src/config/schema/secret-paths.ts';
import { describeAt } from '../../../src/config/source/origins.ts';
import { treeFromObject } from '../../../src/config/source/source-tree.ts';
import { certificates } from '../../helpers/certificates.ts';
import { errorOf, smallest } from '../../helpers/config-text.ts';
import { withSecret } from '../../helpers/config-with-secret.ts';

const { local } = certificates();
const oneLine = local.key.replaceAll(/-----[A-Z ]+-----|\n/g, '');
const apiKey = 'sk-proj-0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT';
const keys = [local.key, local.key.replaceAll('\n', ''), oneLine, apiKey];
const partsOf = (key: string) => [key.slice(8, 24), key.slice(40, 56)].filter((part) => part.trim() !== '');

function explained(text: string, environment: Record<string, string> = {}): string {
  return errorOf(text, { environment })?.explanation ?? '';
}

describe('a key in the place of a setting that is no secret', () => {
  it('may stand wherever a path or a certificate is', () => {
    expect(shownUnlessKeyPaths.map((path) => path.join('.'))).to.have.members([
      ...['server', 'admin'].flatMap((port) => [`${port}.tls.cert`, `${port}.tls.client_ca`]),
      ...['ca', 'cert'].map((key) => `providers.*.tls.${key}`),
      ...['credentials_file', 'federated_token_file', 'web_identity_token_file'].map((key) => `providers.*.${key}`),
      'state_dir',
    ]);
  });

  for (const path of shownUnlessKeyPaths) {
    it(`is not shown at ${path.join('.')}, and what belongs there is`, () => {
      for (const key of keys) {
        const { input, at } = withSecret(path, key);
        const told = describeAt(treeFromObject(input, 'object'), at, new Map());
        expect(told).to.equal('a text (not shown, since it may be a secret)');
        const lines = explained(JSON.stringify({ nonsense: 1, ...input }).replaceAll('},', '},\n'));
        expect(lines, 'it has a fault').to.not.equal('');
        for (const part of partsOf(key)) expect(lines).to.not.contain(part);
      }
      const { input, at } = withSecret(path, '/etc/headgate/tls.pem');
      expect(describeAt(treeFromObject(input, 'object'), at, new Map())).to.equal('"/etc/headgate/tls.pem"');
    });
  }

  it('is not shown in a reference', () => {
    for (const key of [oneLine, apiKey]) {
      const lines = explained(smallest.replace('type: openai', `type: openai, api_key: "\${file:${key}}"`));
      expect(lines).to.match(/got none: there is no such file \(looked for what stands there, which is not shown/);
      for (const part of partsOf(key)) expect(lines).to.not.contain(part);
    }
    const name = apiKey.replaceAll('-', '_');
    const lines = explained(smallest.replace('type: openai', `type: openai, api_key: "\${${name}}"`));
    expect(lines).to.match(/should be the value of the environment variable that is named here \(not shown/);
    expect(lines).to.not.contain(name.slice(8, 24));
  });

  it('is not shown as the place that a value comes from', () => {
    const input = {
      providers: { one: { type: 'openai', base_url: `\${${apiKey.replaceAll('-', '_')}:-http://127.0.0.1:1/v1}` } },
      models: { m: { targets: [{ provider: 'one', model: 'm' }] } },
    };
    const { origins } = loadWithSource({ source: { kind: 'object', name: 'object', input }, environment: {} });
    expect([...origins.values()].flat()).to.deep.equal(['…']);
  });
});
