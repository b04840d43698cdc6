import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import type { HubAnswer } from '../../../../src/dialects/hub.ts';
import { ChatCollector } from '../../../../src/dialects/openai-chat/forms.ts';
import { readAnswer } from '../../../../src/dialects/openai-chat/read-answer.ts';
import { ChunkReader } from '../../../../src/dialects/openai-chat/read-stream.ts';
import { ChatStream } from '../../../../src/dialects/openai-chat/watch.ts';
import { writeAnswer } from '../../../../src/dialects/openai-chat/write-answer.ts';
import type { AnswerContext } from '../../../../src/dialects/types.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { asRecord, type JsonRecord } from '../../../../src/shared/json.ts';
import { linesOf, streams } from '../../../contract/recordings.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';
import { anyRecord } from './any-json.ts';
import { chunk, collected, expectOrder, framed, readBytes, readPayloads, sseEvents } from './read-chunks.ts';

const context: AnswerContext = { model: 'asked-for', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };
const DONE = '[DONE]';

/** What a client of this dialect would see of an answer: texts of a kind in one, calls in order. */
function seen(answer: HubAnswer): JsonRecord {
  const { choices, usage } = writeAnswer(answer, context);
  return { id: answer.id, model: answer.model, choices, usage, finish: answer.finish };
}

describe('a stream of chunks', () => {
  for (const recording of streams('openai', 'openai-compatible', 'gemini-compatible')) {
    const upstream = framed([...linesOf(recording), DONE]);
    /** Where the provider's calls have faults, with the repair that a client of this dialect gets too. */
    const watcher = new ChatStream(context);
    const repaired = Buffer.concat(sseEvents(upstream).map((event) => watcher.push(event).bytes));

    it(`keeps the order of the neutral form: ${recording.name}`, () => {
      const events = readBytes(upstream);
      expectOrder(events);
      expect(events.filter(({ type }) => type === 'finish')).to.have.length(1);
    });

    it(`says what the same answer says as a whole: ${recording.name}`, () => {
      const collector = new ChatCollector();
      for (const event of sseEvents(repaired)) collector.push(event);
      const whole = readAnswer(asRecord(JSON.parse(collector.body().toString())) ?? {});
      expect(seen(collected(readBytes(upstream)))).to.deep.equal(seen(whole));
    });

    it(`has the facts that it has for a client of this dialect: ${recording.name}`, () => {
      const { finish, usage, blocks } = collected(readBytes(upstream));
      expect(watcher.facts).to.deep.equal({ hasParts: blocks.length > 0, reason: finish?.raw, usage });
    });

    it(`says what the official client makes of it: ${recording.name}`, async () => {
      const completion = await officiallyRead(repaired);
      const [choice] = completion.choices;
      const answer = collected(readBytes(upstream));
      const [written] = writeAnswer(answer, context).choices;
      expect(answer.id).to.equal(completion.id);
      expect(answer.model).to.equal(completion.model);
      expect(answer.finish?.raw).to.equal(choice?.finish_reason);
      expect(written?.message.refusal).to.equal(choice?.message.refusal || null);
      const calls = (choice?.message.tool_calls ?? []).map((call) => (call.type === 'function' ? call : null));
      expect(calls.map((call) => [call?.id, call?.function.name, call?.function.arguments])).to.deep.equal(
        (written?.message.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]),
      );
      // That client knows no content in parts, which Mistral sends.
      if (!recording.text.includes('"thinking"')) {
        expect(written?.message.content).to.equal(choice?.message.content || null);
      }
      const input = answer.usage?.input ?? 0;
      expect(input).to.equal(completion.usage?.prompt_tokens ?? 0);
    });
  }

  it('starts with the first chunk that says anything', () => {
    const filter = { id: '', model: '', object: '', choices: [], prompt_filter_results: [] };
    expect(readPayloads(filter)).to.deep.equal([]);
    expect(readPayloads(filter, chunk({ role: 'assistant', content: '' }))).to.deep.equal([
      { type: 'start', id: 'c-1', model: 'm' },
    ]);
  });

  it('opens a block with its first piece, and closes what is open at the finish', () => {
    const events = readPayloads(chunk({ content: 'a' }), chunk({ content: 'b' }), chunk({}, 'stop'), DONE);
    expect(events.slice(1)).to.deep.equal([
      { type: 'open', block: 0, head: { type: 'text' } },
      { type: 'delta', block: 0, text: 'a' },
      { type: 'delta', block: 0, text: 'b' },
      { type: 'close', block: 0 },
      { type: 'finish', finish: { reason: 'stop', raw: 'stop', stopSequence: null } },
      { type: 'end' },
    ]);
  });

  it('counts usage after the finish, and the one in a chunk without choices', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const events = readPayloads(chunk({ content: 'a' }, 'stop'), { choices: [], usage }, DONE);
    expect(events.map(({ type }) => type)).to.deep.equal(['start', 'open', 'delta', 'close', 'finish', 'usage', 'end']);
    expect(collected(events).usage).to.include({ input: 3, output: 2 });
  });

  it('closes what is open if it ends without a finish', () => {
    const events = readPayloads(chunk({ content: 'a' }), DONE);
    expectOrder(events);
    expect(collected(events).finish).to.equal(null);
  });

  it('keeps the first finish, and what comes after it', () => {
    const events = readPayloads(chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' }, 'length'), DONE);
    expectOrder(events);
    expect(collected(events).finish?.raw).to.equal('stop');
    expect(seen(collected(events))).to.nested.include({ 'choices[0].message.content': 'ab' });
  });

  it('reads one choice', () => {
    const two = {
      choices: [
        { index: 1, delta: { content: 'x' } },
        { index: 0, delta: { content: 'y' } },
      ],
    };
    const events = readPayloads(two, two, DONE);
    expect(collected(events).blocks.map(({ text }) => text)).to.deep.equal(['xx']);
  });

  it("repairs Gemini's calls: without an index, two of one index, and `stop` after them", () => {
    const call = (id: string, index?: number) => ({
      index,
      id,
      type: 'function',
      function: { name: id, arguments: '{}' },
    });
    for (const index of [undefined, 0]) {
      const pieces = [chunk({ tool_calls: [call('a', index)] }), chunk({ tool_calls: [call('b', index)] })];
      const answer = collected(readPayloads(...pieces, chunk({}, 'stop'), DONE));
      expect(answer.blocks.map(({ head }) => head.type === 'call' && head.callId)).to.deep.equal(['a', 'b']);
      expect(answer.finish?.reason).to.equal('calls');
    }
  });

  it('takes a whole completion for the chunks that it stands for', () => {
    const message = {
      role: 'assistant',
      content: 'all',
      tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }],
    };
    const whole = { id: 'c-1', model: 'm', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
    const events = readPayloads(whole, DONE);
    expectOrder(events);
    expect(seen(collected(events))).to.deep.equal(seen(readAnswer(whole)));
    const afterPieces = collected(readPayloads(chunk({ content: 'all' }), whole, DONE));
    expect(afterPieces.blocks.map(({ text }) => text)).to.deep.equal(['all']);
  });

  it('says nothing of comments, empty data, and what comes after the end', () => {
    expect(readBytes(Buffer.from(': processing\n\ndata:\n\nid: 1\n\n'))).to.deep.equal([]);
    expect(readPayloads(DONE, chunk({ content: 'late' })).map(({ type }) => type)).to.deep.equal(['start', 'end']);
  });

  it('knows its terminal', () => {
    const reader = new ChunkReader();
    const [done, other] = sseEvents(framed([DONE, {}]));
    expect(done !== undefined && reader.terminates(done)).to.equal(true);
    expect(other !== undefined && reader.terminates(other)).to.equal(false);
  });

  for (const [name, bytes, message] of [
    ['an error payload', 'data: {"error":{"message":"busy","code":503}}\n\n', 'busy'],
    ['an error in an array', 'data: [{"error":{"message":"busy","code":503}}]\n\n', 'busy'],
    ['an error event', 'event: error\ndata: {"message":"busy"}\n\n', 'busy'],
    ['a choice with an error', 'data: {"choices":[{"error":{"message":"busy"},"finish_reason":"error"}]}\n\n', 'busy'],
    ["Groq's", 'data: {"choices":[],"x_groq":{"error":"busy"}}\n\n', 'busy'],
    ["llama.cpp's field", 'error: {"message":"busy"}\n\n', 'busy'],
  ] as const) {
    it(`throws the provider's error: ${name}`, () => {
      const error = thrownBy(UnreadableAnswerError, () => readBytes(Buffer.from(bytes)));
      expect(error.error?.message).to.equal(message);
    });
  }

  it('gives up on a stream of another dialect, and says so of one that has no chunk', () => {
    for (const type of ['message_start', 'response.created']) {
      expect(thrownBy(UnreadableAnswerError, () => readPayloads({ type })).otherForm).to.equal(true);
    }
    const reader = new ChunkReader();
    for (const event of sseEvents(framed([{ candidates: [] }]))) reader.push(event);
    expect(reader.isOtherForm).to.equal(true);
    for (const event of sseEvents(framed([chunk({})]))) reader.push(event);
    expect(reader.isOtherForm).to.equal(false);
  });

  it('throws only UnreadableAnswerError, for any JSON', () => {
    fc.assert(fc.property(fc.array(anyRecord, { maxLength: 6 }), (payloads) => expectReadOrRefused(...payloads)));
  });

  it('throws only UnreadableAnswerError, for JSON that is nested so deeply that it may not be written again', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const piece = `{"index":0,"extra_content":{"a":${deep}},"function":{"name":"f","arguments":"{}"}}`;
    expectReadOrRefused(`{"choices":[{"index":0,"delta":{"tool_calls":[${piece}]}}]}`);
  });
});

function expectReadOrRefused(...payloads: readonly unknown[]): void {
  try {
    expectOrder(readPayloads(chunk({}), ...payloads, DONE));
  } catch (error) {
    if (!(error instanceof UnreadableAnswerError)) throw error;
  }
}

async function officiallyRead(bytes: Buffer): Promise<OpenAI.ChatCompletion> {
  const headers = { 'content-type': 'text/event-stream' };
  const client = new OpenAI({ apiKey: 'key', maxRetries: 0, fetch: async () => new Response(bytes, { headers }) });
  return await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
}
