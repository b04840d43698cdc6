import { FunctionCallingConfigMode, type GenerateContentConfig, GoogleGenAI } from '@google/genai';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { useMock } from '../running-mock.ts';

const weather = {
  name: 'weather',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const tools: GenerateContentConfig = { tools: [{ functionDeclarations: [weather] }] };
const forced: GenerateContentConfig = {
  ...tools,
  toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
};

describe('the fake Gemini', () => {
  const mock = useMock('gemini');
  const client = () =>
    new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: mock.url, retryOptions: { attempts: 1 } } });
  const ask = (contents: string, config: GenerateContentConfig = {}) => ({ model: 'gemini-test', contents, config });

  it('answers the official client with an echo that names provider and model', async () => {
    const { text, candidates, usageMetadata, modelVersion } = await client().models.generateContent(ask('Hi there'));
    expect(text).to.include('Hi there').and.include('gemini').and.include('gemini-test');
    expect(candidates?.[0]?.finishReason).to.equal('STOP');
    expect(usageMetadata).to.include({ promptTokenCount: 2 });
    expect(modelVersion).to.equal('gemini-test');
  });

  it('streams chunks that join to the same text, and says at the end why it ends', async () => {
    const whole = await client().models.generateContent(ask('stream 🙂 this'));
    let text = '';
    const reasons: unknown[] = [];
    for await (const chunk of await client().models.generateContentStream(ask('stream 🙂 this'))) {
      text += chunk.text ?? '';
      reasons.push(chunk.candidates?.[0]?.finishReason);
    }
    expect(text).to.equal(whole.text);
    expect(reasons.pop()).to.equal('STOP');
    expect(reasons.every((reason) => reason === undefined)).to.equal(true);
  });

  it('calls a tool with a signature, whole in one chunk, and wants it back', async () => {
    const { functionCalls, candidates } = await client().models.generateContent(ask('hi', forced));
    expect(functionCalls?.map(({ name, args }) => ({ name, args }))).to.deep.equal([
      { name: 'weather', args: { city: 'example' } },
    ]);
    const calls = [];
    for await (const chunk of await client().models.generateContentStream(ask('hi', forced)))
      calls.push(...(chunk.functionCalls ?? []));
    expect(calls).to.deep.equal(functionCalls);
    const content = candidates?.[0]?.content;
    if (content === undefined) throw new Error('the answer has a content');
    const result = { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'wet' } } }] };
    const go = (said: object) => ({
      model: 'gemini-3-test',
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }, said, result],
      config: tools,
    });
    expect((await client().models.generateContent(go(content))).text).to.include('hi');
    const unsigned = { ...content, parts: content.parts?.map(({ thoughtSignature: _, ...part }) => part) };
    let thrown: unknown;
    await client()
      .models.generateContent(go(unsigned))
      .catch((error: unknown) => {
        thrown = error;
      });
    expect(String(thrown)).to.include('thought_signature');
  });

  it('cuts an answer off at the limit, and refuses what Gemini refuses', async () => {
    const { candidates } = await client().models.generateContent(ask('hi', { maxOutputTokens: 1 }));
    expect(candidates?.[0]?.finishReason).to.equal('MAX_TOKENS');
    const post = async (body: object) => {
      const init = { method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`${mock.url}/v1beta/models/m:generateContent`, init);
      const { error } = (await answer.json()) as { error: { status: string } };
      return [answer.status, error.status];
    };
    const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
    for (const body of [
      {},
      { contents: [] },
      { contents, model: 'm' },
      { contents, generationConfig: { max_tokens: 9 } },
      { contents: [{ role: 'assistant', parts: [{ text: 'hi' }] }] },
      { contents: [{ role: 'user', parts: [{}] }] },
      { contents: [{ role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] }] },
    ]) {
      expect(await post(body), JSON.stringify(body)).to.deep.equal([400, 'INVALID_ARGUMENT']);
    }
  });

  it('has faults, among them an error that is bare JSON behind the events', async () => {
    const read = async () => {
      for await (const chunk of await client().models.generateContentStream(ask('hi'))) chunk.text?.at(0);
    };
    for (const fault of [
      { kind: 'status', status: 429, retryAfter: 1 },
      { kind: 'error-in-stream', afterChunks: 2 },
    ] as const) {
      mock.control.setFault(fault);
      let thrown: unknown;
      await read().catch((error: unknown) => {
        thrown = error;
      });
      expect(String(thrown), fault.kind).to.match(/RESOURCE_EXHAUSTED|UNAVAILABLE|Incomplete JSON/);
    }
  });

  it('has the addresses of Vertex too, and Claude there, whose version stands in the body', async () => {
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${mock.url}/v1/projects/p/locations/l/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const contents = [{ parts: [{ text: 'hi' }] }];
    expect((await post('publishers/google/models/gemini-x:generateContent', { contents })).text).to.include('gemini-x');
    const messages = [{ role: 'user', content: 'hi' }];
    expect((await post('endpoints/openapi/chat/completions', { model: 'google/x', messages })).status).to.equal(200);
    const claude = 'publishers/anthropic/models/claude-x';
    const asked = { anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages };
    expect((await post(`${claude}:rawPredict`, asked)).text).to.include('claude-x');
    expect((await post(`${claude}:streamRawPredict`, { ...asked, stream: true })).text).to.include('message_stop');
    for (const body of [
      { ...asked, anthropic_version: 'none' },
      { ...asked, model: 'm' },
      { ...asked, stream: true },
    ]) {
      expect((await post(`${claude}:rawPredict`, body)).status).to.equal(400);
    }
  });
});
