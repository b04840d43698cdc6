import { expect } from 'chai';
import { describe, it } from 'mocha';
import { chatDialectAmong } from '../../../src/dialects/registry.ts';
import { endOf, servedModels } from '../../../src/providers/models.ts';
import { presets } from '../../../src/providers/presets.ts';
import { dialectsAt, dialectsOf, pathAt, providerOf, rootOf } from '../../../src/providers/registry.ts';
import { load } from '../../helpers/config-text.ts';

/** A whole configuration with one provider. */
const withOne = (block: string) =>
  load(`version: 1\nproviders: { one: { ${block} } }\nmodels: { m: { targets: [{ provider: one, model: m }] } }\n`);

const parts = { model: 'm', stream: true, settings: {} };

describe('the presets', () => {
  for (const preset of presets) {
    const { type, about, needsKey } = preset;
    it(`are a whole block with a type${needsKey ? ' and a key' : ''}: ${type}`, () => {
      const port = 'server: { port: 8081 }\n';
      const config = load(
        `version: 1\n${port}providers: { one: { type: ${type}${needsKey ? ', api_key: k' : ''} } }\nmodels: { m: { targets: [{ provider: one, model: m }] } }\n`,
      );
      expect(config.providers.one).to.include({ type, baseUrl: preset.baseUrl });
      expect(config.providers.one?.dialects).to.deep.equal(Object.keys(preset.dialects));
      expect(chatDialectAmong(Object.keys(preset.dialects))).to.not.equal(null);
      if (needsKey) expect(() => withOne(`type: ${type}`)).to.throw('an API key');
    });

    it(`say of each difference where it was seen: ${type}`, () => {
      expect(about.name).to.not.equal('');
      for (const { text, source } of [{ text: 'Its page.', source: about.page }, ...about.notes]) {
        expect(URL.canParse(source), source).to.equal(true);
        expect(text).to.match(/^[A-Z].*\.$/);
      }
    });
  }

  it('speak some dialects only where the configuration lists them', () => {
    const vllm = providerOf('vllm');
    expect(dialectsAt(vllm, 'http://127.0.0.1:8000')).to.not.include('anthropic-messages');
    expect(dialectsOf(vllm)).to.include('anthropic-messages');
    const { one } = withOne('type: vllm, dialects: [anthropic-messages, openai-chat]').providers;
    expect(one?.dialects).to.deep.equal(['anthropic-messages', 'openai-chat']);
    expect(pathAt(vllm, 'anthropic-messages', parts)).to.equal('/v1/messages');
  });

  it('take the address of a local server with its version and without', () => {
    for (const url of ['http://gpu:8000', 'http://gpu:8000/', 'http://gpu:8000/v1', 'http://gpu:8000/v1/']) {
      expect(withOne(`type: vllm, base_url: "${url}"`).providers.one?.baseUrl, url).to.equal('http://gpu:8000');
    }
    expect(rootOf(providerOf('openai'), 'http://gpu:8000/v1/')).to.equal('http://gpu:8000/v1');
  });
});

describe('the known models', () => {
  it('are served on the day of the list, and end later if they do', () => {
    for (const { type } of [...presets, providerOf('openai'), providerOf('anthropic')]) {
      const served = servedModels(type, Date.parse('2026-11-27'));
      expect(new Set(served).size, type).to.equal(served.length);
      for (const model of served) {
        const end = endOf(type, model);
        if (end !== null) expect(end.day >= '2026-11-27', `${type} ${model}`).to.equal(true);
      }
    }
    expect(endOf('openai', 'gpt-4')?.day).to.equal('2026-10-23');
    expect(endOf('openai', 'gpt-6-sol')).to.equal(null);
    expect(endOf('nobody', 'm')).to.equal(null);
  });
});
