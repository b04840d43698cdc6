import { expect } from 'chai';
import { describe, it } from 'mocha';
import { gemini } from '../../../src/providers/gemini.ts';
import { addressOf, credentialsFor, pathAt } from '../../../src/providers/registry.ts';

const settings = {};
const at = (dialect: string, model: string, stream: boolean) =>
  `${addressOf(gemini, settings)}${pathAt(gemini, dialect, { model, stream, settings })}`;

describe('the provider gemini', () => {
  it('names the model and its method in the path of its own API', () => {
    const host = 'https://generativelanguage.googleapis.com/v1beta';
    expect(at('gemini-generate', 'gemini-3.8-flash', false)).to.equal(
      `${host}/models/gemini-3.8-flash:generateContent`,
    );
    expect(at('gemini-generate', 'models/gemini-3.8-flash', true)).to.equal(
      `${host}/models/gemini-3.8-flash:streamGenerateContent?alt=sse`,
    );
    expect(at('openai-chat', 'gemini-3.8-flash', true)).to.equal(`${host}/openai/chat/completions`);
    expect(at('openai-embeddings', 'gemini-embedding-001', false)).to.equal(`${host}/openai/embeddings`);
  });

  it('is asked in its own API by all that do not speak its compatible one', () => {
    expect(Object.keys(gemini.dialects)[0]).to.equal('gemini-generate');
  });

  it('takes a key in a header of its own, and at the compatible API as a bearer’s', () => {
    const request = { method: 'POST', url: 'https://x', headers: {}, body: Buffer.alloc(0) } as const;
    const proof = (dialect: string) =>
      credentialsFor(gemini, { apiKey: 'k', settings }, dialect).authorize(
        request,
        { apiKey: 'k', settings, fetched: null },
        0,
      );
    expect(proof('gemini-generate')).to.deep.equal({ 'x-goog-api-key': 'k' });
    expect(proof('openai-chat')).to.deep.equal({ authorization: 'Bearer k' });
    expect(gemini.offer?.variables).to.deep.equal([{ name: 'GEMINI_API_KEY', key: 'api_key' }]);
  });
});
