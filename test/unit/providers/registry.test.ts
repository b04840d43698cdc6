import { expect } from 'chai';
import { describe, it } from 'mocha';
import { clientDialectOf, codecFor, dialectOf } from '../../../src/dialects/registry.ts';
import {
  addressOf,
  credentialsFor,
  dialectsAt,
  dialectsOf,
  pathAt,
  providerOf,
  providers,
  speaks,
} from '../../../src/providers/registry.ts';
import { modelEndpoints } from '../../../src/shared/endpoints.ts';

/** Some that say an address, for the types whose address follows from them. */
const settings = { project: 'p', location: 'eu', region: 'eu-central-1', resource: 'r' };

describe('the providers', () => {
  it('are found by their type, and none is found by another', () => {
    for (const provider of providers) expect(providerOf(provider.type)).to.equal(provider);
    expect(() => providerOf('nobody')).to.throw('there is no provider of type nobody');
  });

  it('have types that differ', () => {
    expect(new Set(providers.map(({ type }) => type)).size).to.equal(providers.length);
  });

  it('have no path for a dialect that they do not speak', () => {
    expect(() => pathAt(providerOf('openai'), 'esperanto', { model: 'm', stream: true, settings: {} })).to.throw(
      'does not speak esperanto',
    );
  });

  it('speak some dialects at their own address alone, and at hosts below it', () => {
    const openai = providerOf('openai');
    const isSpoken = (baseUrl: string) => dialectsAt(openai, baseUrl).includes('openai-responses');
    expect(isSpoken(addressOf(openai, {}) ?? '')).to.equal(true);
    expect(isSpoken('https://eu.api.openai.com/v1')).to.equal(true);
    for (const host of ['api.groq.com', 'api.openai.com.example', 'notapi.openai.com', '127.0.0.1:8080']) {
      expect(isSpoken(`https://${host}/v1`), host).to.equal(false);
    }
    expect(dialectsAt(openai, 'http://127.0.0.1/v1')).to.include('openai-chat');
    expect(dialectsOf(openai)).to.include('openai-responses');
    expect(dialectsAt(providerOf('anthropic'), 'https://api.anthropic.com')).to.not.include('openai-responses');
    expect(pathAt(openai, 'openai-responses', { model: 'm', stream: true, settings: {} })).to.equal('/responses');
  });

  it('speak what comes with a dialect wherever they speak that, and what they store', () => {
    const speaking = (...dialects: string[]) => ({ type: 'openai', dialects });
    for (const dialect of ['openai-stored-responses', 'openai-response-tokens', 'openai-response-compaction']) {
      expect(speaks(speaking('openai-chat', 'openai-responses'), dialect, null), dialect).to.equal(true);
      expect(speaks(speaking('openai-chat'), dialect, 'm'), dialect).to.equal(false);
    }
    expect(speaks(speaking('openai-chat'), 'openai-files', null)).to.equal(true);
    expect(speaks({ type: 'anthropic', dialects: ['anthropic-messages'] }, 'openai-files', null)).to.equal(false);
  });

  for (const provider of providers) {
    const { type, offer } = provider;
    const { parts = {}, stores = {} } = provider;
    const dialects = [...dialectsOf(provider), ...[...Object.values(parts), stores].flatMap(Object.keys)];
    it(`have dialects that there are, and an address for each: ${type}`, () => {
      expect(dialects.length).to.be.above(0);
      for (const name of dialects) {
        expect(dialectOf(name).name).to.equal(name);
        for (const stream of [true, false]) {
          const parts = { model: 'some/model', stream, settings };
          const address = (addressOf(provider, settings) ?? 'https://an.account') + pathAt(provider, name, parts);
          const url = new URL(address);
          expect(url.href).to.equal(address);
          expect(url.protocol === 'https:' || url.hostname === '127.0.0.1', address).to.equal(true);
        }
      }
    });

    it(`have a key in a variable of their own, and credentials that there are: ${type}`, () => {
      const names = offer?.variables.map(({ name }) => name) ?? [];
      for (const name of names) expect(name).to.match(/^[A-Z][A-Z_]+$/);
      expect(new Set(names).size).to.equal(names.length);
      const { settings: own = {} } = provider;
      for (const { key } of offer?.variables ?? [])
        expect(['api_key', 'base_url', ...Object.keys(own)]).to.include(key);
      for (const name of dialects) {
        expect(credentialsFor(provider, { apiKey: 'k', settings }, name).authorize).to.be.a('function');
      }
    });

    it(`can be put behind every endpoint for chats: ${type}`, () => {
      const inbound = clientDialectOf(modelEndpoints[0].dialect);
      expect(dialects.some((name) => codecFor(inbound, dialectOf(name)) !== null)).to.equal(true);
    });
  }
});
