/**
 * Recorded answers of Gemini, over sockets through a data plane. The official clients of chat, messages and responses must read
 * what Google's own client reads in the recording.
 */
import Anthropic from '@anthropic-ai/sdk';
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { asArray, asRecord, asString } from '../../src/shared/json.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { googleConfig } from '../helpers/google-config.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise } from './translate.ts';

/** What a client can read of an answer, in words that all dialects have. */
interface Read {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  readonly isBlocked: boolean;
  readonly isCut: boolean;
  readonly input: number;
  readonly output: number;
}

const blocked = /SAFETY|BLOCK|PROHIBITED|RECITATION|SPII/;

/** As Google's own client joins the chunks. */
function readOf(chunks: readonly GenerateContentResponse[]): Read {
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const reasons = chunks.flatMap(({ candidates, promptFeedback }) => [
    candidates?.[0]?.finishReason ?? '',
    promptFeedback?.blockReason ?? '',
  ]);
  const usage = Object.assign({}, ...chunks.map(({ usageMetadata }) => usageMetadata));
  return {
    text: parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join(''),
    calls: parts.flatMap(({ functionCall: call }) =>
      call === undefined ? [] : [{ name: call.name ?? '', input: call.args ?? {} }],
    ),
    isBlocked: reasons.some((reason) => blocked.test(reason)),
    isCut: reasons.includes('MAX_TOKENS'),
    input: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  };
}

const messages = [{ role: 'user' as const, content: 'hi' }];
const framings = { 'LF LF': '\n\n', 'CR CR': '\r\r', 'CR LF CR LF': '\r\n\r\n' } as const;

describe('answers of Gemini', () => {
  let replay: Replay;
  let plane: RunningPlane;
  let chatPlane: RunningPlane;
  let theirs: GoogleGenAI;
  before(async () => {
    replay = await Replay.start();
    const { port } = new URL(replay.url);
    const config = googleConfig('gemini', Number(port), 'gemini-3-pro-preview');
    plane = await startPlane(config);
    // Behind chats too, which its compatible API would answer.
    const google = { ...config.providers.google, dialects: ['gemini-generate'] } as (typeof config.providers)[string];
    chatPlane = await startPlane({ ...config, providers: { google } });
    theirs = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: replay.url } });
  });
  after(async () => {
    await Promise.all([plane.close(), chatPlane.close()]);
    await replay.stop();
  });

  const options = { apiKey: 'any', maxRetries: 0 };

  /** By the face: what its client reads of one answer. */
  const faces = {
    async chat(stream: boolean): Promise<Read> {
      const client = new OpenAI({ ...options, baseURL: `${chatPlane.url}/v1` });
      const asked = { model: 'm', messages };
      const { choices, usage } = stream
        ? await client.chat.completions
            .stream({ ...asked, stream_options: { include_usage: true } })
            .finalChatCompletion()
        : await client.chat.completions.create(asked);
      const calls = (choices[0]?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? call : []));
      return {
        text: choices[0]?.message.content ?? '',
        calls: calls.map((call) => ({ name: call.function.name, input: JSON.parse(call.function.arguments) })),
        isBlocked: choices[0]?.finish_reason === 'content_filter',
        isCut: choices[0]?.finish_reason === 'length',
        input: usage?.prompt_tokens ?? 0,
        output: usage?.completion_tokens ?? 0,
      };
    },
    async messages(stream: boolean): Promise<Read> {
      const client = new Anthropic({ ...options, baseURL: plane.url });
      const asked = { model: 'm', max_tokens: 99, messages };
      const { content, stop_reason, usage } = stream
        ? await client.messages.stream(asked).finalMessage()
        : await client.messages.create(asked);
      return {
        text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        calls: content.flatMap((block) =>
          block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [],
        ),
        isBlocked: stop_reason === 'refusal',
        isCut: stop_reason === 'max_tokens',
        input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0),
        output: usage.output_tokens,
      };
    },
    async responses(stream: boolean): Promise<Read> {
      const client = new OpenAI({ ...options, baseURL: `${plane.url}/v1` });
      const asked = { model: 'm', input: 'hi', store: false };
      const answer = stream
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked);
      const { output, incomplete_details: incomplete, usage } = answer;
      return {
        text: output
          .flatMap((item) => (item.type === 'message' ? item.content : []))
          .map((part) => (part.type === 'output_text' ? part.text : ''))
          .join(''),
        calls: output.flatMap((item) =>
          item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) }] : [],
        ),
        isBlocked: incomplete?.reason === 'content_filter',
        isCut: incomplete?.reason === 'max_output_tokens',
        input: usage?.input_tokens ?? 0,
        output: usage?.output_tokens ?? 0,
      };
    },
  };

  for (const [face, read] of Object.entries(faces)) {
    for (const recording of wholeAnswers('gemini')) {
      it(`is read by the client of ${face} as by Google's own: ${recording.name}`, async () => {
        replay.answerWith('application/json', Buffer.from(recording.text));
        const expected = readOf([await theirs.models.generateContent({ model: 'x', contents: 'hi' })]);
        expect(await read(false)).to.deep.equal(expected);
      });
    }

    for (const recording of streams('gemini')) {
      for (const [framing, end] of Object.entries(framings)) {
        it(`streams to the client of ${face} what Google's own reads, with ${framing}: ${recording.name}`, async () => {
          const bytes = Buffer.from(
            linesOf(recording)
              .map((line) => `data: ${line}${end}`)
              .join(''),
          );
          replay.answerWith('text/event-stream', bytes);
          const chunks: GenerateContentResponse[] = [];
          for await (const chunk of await theirs.models.generateContentStream({ model: 'x', contents: 'hi' })) {
            chunks.push(chunk);
          }
          const expected = readOf(chunks);
          expect(await read(true)).to.deep.equal(expected);
        });
      }
    }
  }

  for (const recording of streams('gemini').filter(({ name }) => name.startsWith('own'))) {
    it(`is the same for any chunks of its bytes: ${recording.name}`, async () => {
      const bytes = Buffer.from(
        linesOf(recording)
          .map((line) => `data: ${line}\r\n\r\n`)
          .join(''),
      );
      replay.answerWith('text/event-stream', bytes);
      const whole = await faces.messages(true);
      replay.answerWith('text/event-stream', ...bytewise(bytes));
      expect(await faces.messages(true)).to.deep.equal(whole);
    });
  }

  it('are asked for at its own API with a key in its own header, and by chats at the compatible one', async () => {
    replay.answerWith(
      'application/json',
      Buffer.from('{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}'),
    );
    await faces.messages(false);
    expect(replay.seen?.path).to.equal('/v1beta/models/gemini-3-pro-preview:generateContent');
    expect(replay.seen?.headers).to.include({ 'x-goog-api-key': 'key-of-google' });
    expect(replay.seen?.headers).to.not.have.property('authorization');
    const completion = {
      id: 'a',
      choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
    };
    replay.answerWith('application/json', Buffer.from(JSON.stringify(completion)));
    const client = new OpenAI({ ...options, baseURL: `${plane.url}/v1` });
    await client.chat.completions.create({ model: 'm', messages });
    expect(replay.seen?.path).to.equal('/v1beta/openai/chat/completions');
    expect(replay.seen?.headers).to.include({ authorization: 'Bearer key-of-google' });
    expect(asRecord(replay.seen?.body)?.model).to.equal('gemini-3-pro-preview');
  });

  it('that break off are told as errors, whatever came, and so is bare JSON behind them', async () => {
    const begun = 'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n';
    const bare = JSON.stringify(
      { error: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' } },
      null,
      2,
    );
    for (const text of [begun, begun + bare, `${begun}[${bare}\n]`]) {
      replay.answerWith('text/event-stream', Buffer.from(text));
      let thrown: unknown;
      await faces.messages(true).catch((error: unknown) => {
        thrown = error;
      });
      expect(thrown, text).to.be.instanceOf(Anthropic.APIError);
      const { type } = asRecord(asRecord(asRecord(thrown)?.error)?.error) ?? {};
      expect(asString(type), text).to.be.a('string');
    }
    expect(asArray(plane.events.filter((event) => event.type === 'attempt-ended')).length).to.be.above(0);
  });
});
