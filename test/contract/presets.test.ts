/**
 * Recorded answers of compatible providers, through a gateway whose provider is the preset, to all three clients of chats:
 * each reads what was recorded, whole and streamed.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { loadConfig } from '../../src/config/load.ts';
import { asArray, asRecord, asString, type JsonRecord } from '../../src/shared/json.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { linesOf, type Recording, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { framed } from './translate.ts';

/** What a client has read, or what was recorded. */
interface Read {
  text: string;
  /** Names of the calls with their inputs. */
  calls: string[];
}

const prompt = 'hi';
const options = { apiKey: 'any', maxRetries: 0, logLevel: 'off' } as const;
const call = (name: string, input: string) => `${name} ${JSON.stringify(JSON.parse(input || '{}'))}`;

const faces: Readonly<Record<string, (url: string, stream: boolean) => Promise<Read>>> = {
  async chat(url, stream) {
    const { completions } = new OpenAI({ ...options, baseURL: `${url}/v1` }).chat;
    const asked = { model: 'm', messages: [{ role: 'user' as const, content: prompt }] };
    if (stream) {
      // Mistral's parts go back as they came: the client's own accumulator takes every content for a text.
      const chunks: JsonRecord[] = [];
      for await (const chunk of await completions.create({ ...asked, stream })) chunks.push({ ...chunk });
      return recorded(chunks, 'delta');
    }
    const { choices } = await completions.create(asked);
    const message = choices[0]?.message;
    const made = message?.tool_calls?.flatMap((each) => (each.type === 'function' ? each.function : [])) ?? [];
    return { text: partsText(message?.content), calls: made.map((each) => call(each.name, each.arguments)) };
  },
  async responses(url, stream) {
    const { responses } = new OpenAI({ ...options, baseURL: `${url}/v1` });
    const asked = { model: 'm', input: prompt };
    const { output, output_text } = stream
      ? await responses.stream(asked).finalResponse()
      : await responses.create(asked);
    const made = output.flatMap((item) => (item.type === 'function_call' ? item : []));
    return { text: output_text, calls: made.map((each) => call(each.name, each.arguments)) };
  },
  async messages(url, stream) {
    const { messages } = new Anthropic({ ...options, baseURL: url });
    const asked = { model: 'm', max_tokens: 1000, messages: [{ role: 'user' as const, content: prompt }] };
    const { content } = stream ? await messages.stream(asked).finalMessage() : await messages.create(asked);
    return {
      text: content.flatMap((block) => (block.type === 'text' ? block.text : [])).join(''),
      calls: content.flatMap((block) =>
        block.type === 'tool_use' ? call(block.name, JSON.stringify(block.input)) : [],
      ),
    };
  },
};

/** Mistral's content is parts where its model thinks. */
function partsText(content: unknown): string {
  if (!Array.isArray(content)) return asString(content) ?? '';
  return content.map((part) => (asRecord(part)?.type === 'text' ? asString(asRecord(part)?.text) : '')).join('');
}

/** What was recorded, read without any of the code under test. */
function recorded(chunks: readonly JsonRecord[], part: 'delta' | 'message'): Read {
  const pieces = chunks.flatMap(({ choices }): JsonRecord[] => {
    const piece = asRecord(asRecord(asArray(choices)[0])?.[part]);
    return piece === null ? [] : [piece];
  });
  const calls = new Map<unknown, { name: string; input: string }>();
  for (const piece of pieces) {
    for (const [position, value] of asArray(piece.tool_calls).entries()) {
      const each = asRecord(value) ?? {};
      const key = part === 'message' ? position : each.index;
      const known = calls.get(key) ?? { name: '', input: '' };
      const called = asRecord(each.function) ?? {};
      known.name += asString(called.name) ?? '';
      known.input += asString(called.arguments) ?? '';
      calls.set(key, known);
    }
  }
  return {
    text: pieces.map(({ content }) => partsText(content)).join(''),
    calls: [...calls.values()].map(({ name, input }) => call(name, input)),
  };
}

describe('recorded answers through presets', () => {
  let replay: Replay;
  let plane: RunningPlane | undefined;
  before(async () => {
    replay = await Replay.start();
  });
  afterEach(() => plane?.close());
  after(() => replay.stop());

  const typeOf = ({ name }: Recording) => /\/([a-z]+)-/.exec(name)?.[1] ?? '';

  async function through(type: string) {
    const provider = { type, base_url: replay.url, api_key: 'k', dialects: ['openai-chat'] };
    const input = { providers: { p: provider }, models: { m: { targets: [{ provider: 'p', model: 'n' }] } } };
    plane = await startPlane(loadConfig({ source: { kind: 'object', name: 'test', input } }));
    return plane;
  }

  const all = [
    ...wholeAnswers('openai-compatible').map((recording) => ({ recording, stream: false })),
    ...streams('openai-compatible').map((recording) => ({ recording, stream: true })),
  ];
  for (const { recording, stream } of all) {
    const lines = stream ? linesOf(recording) : [recording.text];
    const expected = recorded(
      lines.map((line) => JSON.parse(line)),
      stream ? 'delta' : 'message',
    );
    for (const [face, ask] of Object.entries(faces)) {
      it(`are read by a client of ${face}: ${recording.name}, ${stream ? 'streamed' : 'whole'}`, async () => {
        const { url, count } = await through(typeOf(recording));
        if (stream) replay.answerWith('text/event-stream', framed('openai', lines), Buffer.from('data: [DONE]\n\n'));
        else replay.answerWith('application/json', Buffer.from(recording.text));
        expect(await ask(url, stream)).to.deep.equal(expected);
        expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(1);
        expect(count({ type: 'tokens' })).to.equal(1);
      });
    }
  }

  it('are few where the folder of recordings is not at hand, but some', () => {
    expect(all.every(({ recording }) => typeOf(recording) !== '')).to.equal(true);
  });
});
