/**
 * Requests of the official clients of OpenAI and Anthropic are translated, and the same is asked by Google's own client. Path and
 * body that leave it must be the same as those of the codec and the provider.
 */
import Anthropic from '@anthropic-ai/sdk';
import { FunctionCallingConfigMode, type GenerateContentParameters, GoogleGenAI, ThinkingLevel } from '@google/genai';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { gemini } from '../../src/providers/gemini.ts';
import { pathAt } from '../../src/providers/registry.ts';
import { inOneBuffer } from '../../src/wire/pieced-bytes.ts';
import { arrivedAt, codecOf } from '../helpers/codecs.ts';
import { Replay } from './replay.ts';

const MODEL = 'gemini-3.8-flash';
const parameters = { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] };
const PNG = 'iVBORw0KGgo=';
interface Called {
  readonly id: string;
}

const answers = {
  chat: { id: 'a', choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }] },
  messages: { id: 'a', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'a' }], usage: {} },
  gemini: { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] },
};

describe('requests for Gemini', () => {
  let replay: Replay;
  before(async () => {
    replay = await Replay.start();
  });
  after(() => replay.stop());

  function answerWith(answer: object): void {
    replay.answerWith('application/json', Buffer.from(JSON.stringify(answer)));
  }

  /** What the codec makes of the request that was seen last. */
  function translated(inbound: 'openai-chat' | 'anthropic-messages') {
    const codec = codecOf(inbound, 'gemini-generate');
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(replay.seen?.body)));
    const { body, droppedParams } = codec.request(arrived, { model: MODEL, maxTokens: null });
    const { stream } = arrived.outline;
    const path = pathAt(gemini, 'gemini-generate', { model: MODEL, stream, settings: {} });
    return { path, body: JSON.parse(inOneBuffer(body).toString()), droppedParams };
  }

  /** What Google's own client makes of the same. */
  async function official(asked: Omit<GenerateContentParameters, 'model'>) {
    answerWith(answers.gemini);
    const client = new GoogleGenAI({ apiKey: 'key', apiVersion: 'v1beta', httpOptions: { baseUrl: replay.url } });
    await client.models.generateContent({ ...asked, model: MODEL });
    return { path: replay.seen?.path, body: replay.seen?.body };
  }

  async function ofChat(asked: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model'>) {
    answerWith(answers.chat);
    await new OpenAI({ apiKey: 'key', baseURL: replay.url }).chat.completions.create({ ...asked, model: 'm' });
    return translated('openai-chat');
  }

  /** The client's types have lost what this version of the API still takes. */
  async function ofMessages(
    asked: Omit<Anthropic.MessageCreateParamsNonStreaming, 'model'> & { readonly top_k?: number },
  ) {
    answerWith(answers.messages);
    await new Anthropic({ apiKey: 'key', baseURL: replay.url }).messages.create({ ...asked, model: 'm' });
    return translated('anthropic-messages');
  }

  it('are those of Google’s own client: a conversation with tools, from a client of chats', async () => {
    const { droppedParams, ...sent } = await ofChat({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'Be exact.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
          ],
        },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'one', type: 'function', function: { name: 'tide', arguments: '{"port":"Emden"}' } },
            { id: 'two', type: 'function', function: { name: 'tide', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'one', content: 'high' },
        { role: 'tool', tool_call_id: 'two', content: 'none' },
        { role: 'user', content: 'And there?' },
      ],
      tools: [{ type: 'function', function: { name: 'tide', description: 'The tide', parameters } }],
      tool_choice: { type: 'function', function: { name: 'tide' } },
      max_completion_tokens: 99,
      temperature: 1.5,
      top_p: 0.5,
      stop: ['END'],
      seed: 7,
      presence_penalty: 0.5,
      frequency_penalty: 0.25,
      reasoning_effort: 'low',
      service_tier: 'flex',
    });
    expect(droppedParams).to.deep.equal([]);
    const expected = await official({
      contents: [
        { role: 'user', parts: [{ text: 'Here?' }, { inlineData: { mimeType: 'image/png', data: PNG } }] },
        {
          role: 'model',
          parts: [
            { text: 'I look.' },
            {
              functionCall: { id: 'one', name: 'tide', args: { port: 'Emden' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'two', name: 'tide', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'one', name: 'tide', response: { output: 'high' } } },
            { functionResponse: { id: 'two', name: 'tide', response: { output: 'none' } } },
            { text: 'And there?' },
          ],
        },
      ],
      config: {
        systemInstruction: { parts: [{ text: 'Be brief.\nBe exact.' }] },
        tools: [
          { functionDeclarations: [{ name: 'tide', description: 'The tide', parametersJsonSchema: parameters }] },
        ],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['tide'] } },
        maxOutputTokens: 99,
        temperature: 1.5,
        topP: 0.5,
        stopSequences: ['END'],
        seed: 7,
        presencePenalty: 0.5,
        frequencyPenalty: 0.25,
        thinkingConfig: { thinkingLevel: ThinkingLevel.LOW },
        serviceTier: 'flex' as never,
      },
    });
    expect(withoutRole(sent)).to.deep.equal(withoutRole(expected));
  });

  it('are those of Google’s own client: a schema and thoughts, from a client of messages', async () => {
    const { droppedParams, ...sent } = await ofMessages({
      max_tokens: 999,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'url', url: 'https://example.com/map.pdf' } },
            { type: 'text', text: 'Which port?' },
          ],
        },
      ],
      thinking: { type: 'enabled', budget_tokens: 2_048 },
      top_k: 9,
      output_config: { format: { type: 'json_schema', schema: parameters } },
    });
    expect(droppedParams).to.deep.equal(['cache_control']);
    const expected = await official({
      contents: [
        {
          role: 'user',
          parts: [
            { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/map.pdf' } },
            { text: 'Which port?' },
          ],
        },
      ],
      config: {
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        topK: 9,
        maxOutputTokens: 999,
        responseMimeType: 'application/json',
        responseJsonSchema: parameters,
        thinkingConfig: { thinkingBudget: 2_048, includeThoughts: true },
      },
    });
    expect(withoutRole(sent)).to.deep.equal(withoutRole(expected));
  });

  it('have the media of a tool’s result in it, or beside it for older models', async () => {
    const asked = {
      max_tokens: 9,
      messages: [
        { role: 'user' as const, content: 'Look.' },
        { role: 'assistant' as const, content: [{ type: 'tool_use' as const, id: 'one', name: 'shot', input: {} }] },
        {
          role: 'user' as const,
          content: [
            {
              type: 'tool_result' as const,
              tool_use_id: 'one',
              is_error: true,
              content: [
                { type: 'text' as const, text: 'dark' },
                {
                  type: 'image' as const,
                  source: { type: 'base64' as const, media_type: 'image/png' as const, data: PNG },
                },
              ],
            },
          ],
        },
      ],
    };
    const { body } = await ofMessages(asked);
    const media = { inlineData: { mimeType: 'image/png', data: PNG } };
    const answer = { id: 'one', name: 'shot', response: { error: 'dark' } };
    expect(body.contents.at(-1).parts).to.deep.equal([{ functionResponse: { ...answer, parts: [media] } }]);
    const codec = codecOf('anthropic-messages', 'gemini-generate');
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify({ ...asked, model: 'm' })));
    const older = codec.request(arrived, { model: 'gemini-2.5-flash', maxTokens: null });
    const { contents } = JSON.parse(inOneBuffer(older.body).toString());
    expect(contents.at(-1).parts).to.deep.equal([{ functionResponse: answer }, media]);
  });

  it('have each call once, with its own result, though their ids are the same', () => {
    const call = (port: string) => ({
      id: 'x',
      type: 'function',
      function: { name: 'tide', arguments: `{"port":"${port}"}` },
    });
    const turn = [
      { role: 'assistant', tool_calls: [call('Emden'), call('Husum')] },
      { role: 'tool', tool_call_id: 'x', content: 'high' },
      { role: 'tool', tool_call_id: 'x', content: 'low' },
    ];
    const codec = codecOf('openai-chat', 'gemini-generate');
    const asked = { model: 'm', messages: [{ role: 'user', content: 'hi' }, ...turn, ...turn] };
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(asked)));
    const { contents } = JSON.parse(
      inOneBuffer(codec.request(arrived, { model: MODEL, maxTokens: null }).body).toString(),
    );
    const parts = contents.flatMap(
      (content: { parts: { functionCall?: Called; functionResponse?: Called }[] }) => content.parts,
    );
    const ids = (field: 'functionCall' | 'functionResponse') =>
      parts.flatMap((part: { functionCall?: Called; functionResponse?: Called }) => part[field]?.id ?? []);
    expect(ids('functionCall')).to.deep.equal(['x', 'x_2', 'x_3', 'x_4']);
    expect(ids('functionResponse')).to.deep.equal(['x', 'x_2', 'x_3', 'x_4']);
  });

  it('say what they leave out, and refuse what must not be', async () => {
    const { droppedParams, body } = await ofChat({
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ type: 'function', function: { name: 'tide', parameters, strict: true } }],
      parallel_tool_calls: false,
      user: 'me',
      verbosity: 'low',
      logit_bias: { 1: 1 },
      reasoning_effort: 'xhigh',
      service_tier: 'scale' as never,
    });
    expect(droppedParams).to.have.members([
      ...['reasoning_effort', 'user', 'verbosity', 'logit_bias', 'service_tier', 'parallel_tool_calls'],
    ]);
    expect(body.toolConfig).to.deep.equal({ functionCallingConfig: { mode: 'VALIDATED' } });
    expect(body.generationConfig).to.deep.equal({ thinkingConfig: { thinkingLevel: 'HIGH' } });
    for (const [name, value] of [
      ['n', 2],
      ['logprobs', true],
      ['stop', ['a', 'b', 'c', 'd', 'e', 'f']],
    ] as const) {
      const codec = codecOf('openai-chat', 'gemini-generate');
      const asked = { model: 'm', messages: [{ role: 'user', content: 'hi' }], [name]: value };
      const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(asked)));
      expect(() => codec.request(arrived, { model: MODEL, maxTokens: null }), name).to.throw(name);
    }
  });

  it('take what a client of chats says to Google alone', async () => {
    const google = { cached_content: 'cachedContents/1', safety_settings: [{ category: 'x', threshold: 'y' }] };
    const asked = { messages: [{ role: 'user' as const, content: 'hi' }], extra_body: { google } };
    const { body, droppedParams } = await ofChat(asked);
    expect(body).to.include({ cachedContent: 'cachedContents/1' });
    expect(body.safetySettings).to.deep.equal(google.safety_settings);
    expect(droppedParams).to.deep.equal([]);
  });
});

/** Google's client gives the system's instruction a role, which means nothing. */
function withoutRole<Sent extends { readonly body: unknown }>({ body, ...sent }: Sent) {
  const text = JSON.stringify(body, (name, value) => {
    if (name !== 'systemInstruction') return value;
    const { role: _, ...rest } = value;
    return rest;
  });
  return { ...sent, body: JSON.parse(text) };
}
