/** What a fault in the block of a provider says: each mistake once, in the words of the provider's own type. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { providers } from '../../../src/providers/registry.ts';
import { linesOf, load } from '../../helpers/config-text.ts';

const text = (block: string) => `
providers:
  one: { ${block} }
models:
  m: { targets: [{ provider: one, model: m }] }
`;
const faults = (block: string, environment = {}) => linesOf(text(block), { environment });

describe('a fault of a provider', () => {
  for (const { type } of providers) {
    it(`is said once where nothing but the type is given: ${type}`, () => {
      expect(faults(`type: ${type}`)).to.have.length.at.most(1);
    });
  }

  it('names both ways to an address where there are two', () => {
    const expected = '3:3 providers.one: should have resource or base_url: type azure has no address for all, got none';
    expect(faults('type: azure')).to.deep.equal([expected]);
    expect(faults('type: azure, resource: ""')).to.deep.equal([expected]);
    expect(faults('type: azure, resource: mine')).to.deep.equal([]);
    expect(faults('type: azure, base_url: "https://mine.example"')).to.deep.equal([]);
  });

  it('is that of the reference alone where a setting for the address has no value', () => {
    const [line, ...others] = faults(`type: azure, resource: "\${NO}"`);
    expect(line).to.match(/providers\.one\.resource: should be the value of the environment variable NO/);
    expect(others).to.deep.equal([]);
  });

  it('names the region alone where that is missing', () => {
    const expected = ['3:3 providers.one.region: should be a region of AWS, such as eu-central-1, got nothing'];
    expect(faults('type: bedrock')).to.deep.equal(expected);
    expect(faults('type: bedrock, base_url: "https://aws.example"')).to.deep.equal(expected);
  });

  it('shows how a list of keys is written, and no key', () => {
    const example = `{ name: first, key: "\${FIRST_KEY}" }`;
    expect(faults('type: openai, api_keys: [k1-canary]')).to.deep.equal([
      `3:35 providers.one.api_keys[0]: should be a mapping of name and key, such as ${example}, got a text`,
    ]);
    expect(faults('type: openai, api_keys: k1-canary')).to.include(
      `3:34 providers.one.api_keys: should be a list of at least one key, such as [${example}], got a text`,
    );
  });

  it('lists the keys of its own type, and means one of these', () => {
    const [line = ''] = faults('type: openai, api_key: k, apikey: k');
    expect(line).to.match(/should be one of type, base_url, .*, got "apikey"; did you mean "api_key"\?$/);
    expect(line).not.to.match(/\b(?:region|resource|project|tenant_id)\b/);
    expect(faults('type: bedrock, regoin: eu-central-1')[1]).to.match(/region, .*did you mean "region"\?$/);
    expect(faults('type: openai, api_key: k, regoin: x')[0]).not.to.contain('did you mean');
  });

  it('lists the keys of all types where its type is none', () => {
    expect(faults('type: none-of-them, colour: red').at(-1)).to.match(/region.*got "colour"$/);
  });

  it('has a cure for an empty address', () => {
    expect(faults('type: openai, base_url: "", api_key: k')).to.deep.equal([
      '3:34 providers.one.base_url: should be an address, or left out where its type has one, got ""',
    ]);
  });
});

describe('an empty text of a provider', () => {
  it('counts as left out', () => {
    const empty =
      'proxy: "", headers: { x-a: "" }, tls: { ca: "", cert: "", key: "", server_name: "" }, api_key: "", api_version: ""';
    for (const url of ['https://mine.example', 'http://mine.example']) {
      const block = `type: azure, base_url: "${url}"`;
      expect(load(text(`${block}, ${empty}`)).providers).to.deep.equal(load(text(block)).providers);
    }
  });
});
