import { expect } from 'chai';
import { describe, it } from 'mocha';
import { addressOf, credentialsFor, pathAt, speaks } from '../../../src/providers/registry.ts';
import { vertex } from '../../../src/providers/vertex.ts';

const settings = { project: 'tides', location: 'us-east5' };

describe('the provider vertex', () => {
  it('has an address for every location', () => {
    const hosts = { global: '', us: 'us.rep', eu: 'eu.rep' };
    for (const [location, part] of Object.entries(hosts)) {
      const host = part === '' ? 'aiplatform' : `aiplatform.${part}`;
      expect(addressOf(vertex, { project: 'p', location })).to.equal(`https://${host}.googleapis.com`);
    }
    expect(addressOf(vertex, { project: 'p' })).to.equal('https://aiplatform.googleapis.com');
    expect(addressOf(vertex, settings)).to.equal('https://us-east5-aiplatform.googleapis.com');
  });

  it('speaks of each model in its own dialect, by its name', () => {
    const dialects = Object.keys(vertex.dialects);
    const spoken = (model: string) => dialects.filter((name) => speaks({ type: 'vertex', dialects }, name, model));
    expect(spoken('gemini-3.8-flash')).to.deep.equal(['gemini-generate']);
    expect(spoken('google/gemini-3.8-flash')).to.deep.equal(['gemini-generate', 'openai-chat']);
    expect(spoken('claude-sonnet-4-5@20250929')).to.deep.equal(['anthropic-messages']);
    expect(spoken('anthropic/claude-opus-5')).to.deep.equal(['anthropic-messages']);
    expect(spoken('meta/llama-4-maverick-17b-128e-instruct-maas')).to.deep.equal(['openai-chat']);
    expect(spoken('somebody')).to.deep.equal([]);
  });

  it('names project, location, publisher and model in the path', () => {
    const at = (dialect: string, model: string, stream: boolean) =>
      pathAt(vertex, dialect, { model, stream, settings });
    const place = '/v1/projects/tides/locations/us-east5';
    expect(at('gemini-generate', 'google/gemini-3.8-flash', false)).to.equal(
      `${place}/publishers/google/models/gemini-3.8-flash:generateContent`,
    );
    expect(at('gemini-generate', 'gemini-3.8-flash', true)).to.equal(
      `${place}/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse`,
    );
    expect(at('anthropic-messages', 'claude-opus-5@2026', true)).to.equal(
      `${place}/publishers/anthropic/models/claude-opus-5%402026:streamRawPredict`,
    );
    expect(at('openai-chat', 'google/gemini-3.8-flash', true)).to.equal(`${place}/endpoints/openapi/chat/completions`);
    expect(pathAt(vertex, 'openai-chat', { model: 'm', stream: false, settings: { project: 'p' } })).to.equal(
      '/v1/projects/p/locations/global/endpoints/openapi/chat/completions',
    );
  });

  it('takes a token of Google’s, or one that is given', () => {
    const request = { method: 'POST', url: 'https://x', headers: {}, body: Buffer.alloc(0) } as const;
    const proof = (apiKey: string, fetched: Readonly<Record<string, string>> | null) =>
      credentialsFor(vertex, { apiKey, settings }, 'gemini-generate').authorize(
        request,
        { apiKey, settings, fetched },
        0,
      );
    expect(proof('', { token: 'ya29' })).to.deep.equal({ authorization: 'Bearer ya29' });
    expect(proof('given', null)).to.deep.equal({ authorization: 'Bearer given' });
  });
});
