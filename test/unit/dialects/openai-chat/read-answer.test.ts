import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Finish } from '../../../../src/dialects/hub.ts';
import { split } from '../../../../src/dialects/openai-chat/forms.ts';
import { inspect } from '../../../../src/dialects/openai-chat/inspect.ts';
import { readAnswer } from '../../../../src/dialects/openai-chat/read-answer.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { asArray, asRecord, type JsonRecord } from '../../../../src/shared/json.ts';
import { wholeAnswers } from '../../../contract/recordings.ts';
import { anyRecord } from './any-json.ts';
import { collected, readBytes } from './read-chunks.ts';

const context = { model: 'asked-for', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };

function parsed(json: string): JsonRecord {
  return asRecord(JSON.parse(json)) ?? {};
}

function answerOf(message: object, choice: object = {}): ReturnType<typeof readAnswer> {
  return readAnswer({ choices: [{ index: 0, message, ...choice }] });
}

function textsOf(answer: ReturnType<typeof readAnswer>): string[][] {
  return answer.blocks.map(({ head, text }) => [head.type, text]);
}

function finishOf(choice: object, message: object = {}): Finish | null {
  return answerOf(message, choice).finish;
}

describe('a whole completion', () => {
  it('has an id for each call that its server gave none, the same in a stream', () => {
    const calls = ['a', 'b'].map((name) => ({ id: '', type: 'function', function: { name, arguments: '{}' } }));
    const answer = { id: 'x', created: 1, choices: [{ message: { tool_calls: calls }, finish_reason: 'tool_calls' }] };
    const ids = readAnswer(answer).blocks.map(({ head }) => (head.type === 'call' ? head.callId : ''));
    expect(new Set(ids).size).to.equal(2);
    for (const id of ids) expect(id).to.match(/^call_[0-9a-f]{24}$/);
    expect(readAnswer({ ...answer, id: 'y' }).blocks).to.not.deep.equal(readAnswer(answer).blocks);
  });

  for (const recording of wholeAnswers('openai', 'openai-compatible')) {
    it(`reads as its stream does: ${recording.name}`, () => {
      const { events, terminal } = split(Buffer.from(recording.text), context);
      const streamed = collected(readBytes(Buffer.concat([events, terminal])));
      expect(readAnswer(parsed(recording.text))).to.deep.equal(streamed);
    });

    it(`has the facts that it has for a client of this dialect: ${recording.name}`, () => {
      const { blocks, finish, usage } = readAnswer(parsed(recording.text));
      const { facts } = inspect(Buffer.from(recording.text), null);
      expect({ hasParts: blocks.length > 0, reason: finish?.raw, usage }).to.deep.equal(facts);
    });

    it(`says what the official client makes of it: ${recording.name}`, async () => {
      const { choices, ...completion } = await officiallyRead(recording.text);
      const answer = readAnswer(parsed(recording.text));
      const message = choices[0]?.message;
      expect([answer.id, answer.model]).to.deep.equal([completion.id, completion.model]);
      expect(answer.finish?.raw).to.equal(choices[0]?.finish_reason);
      expect(answer.usage?.input).to.equal(completion.usage?.prompt_tokens);
      const calls = answer.blocks.flatMap(({ head, text }) =>
        head.type === 'call' ? [{ id: head.callId, name: head.name, arguments: text }] : [],
      );
      const expected = (message?.tool_calls ?? []).map((call) =>
        call.type === 'function' ? { id: call.id, ...call.function } : null,
      );
      expect(calls).to.deep.equal(expected);
      const text = answer.blocks.find(({ head }) => head.type === 'text')?.text;
      // Mistral's content comes in parts.
      if (!Array.isArray(message?.content)) expect(text ?? '').to.equal(message?.content ?? '');
    });
  }

  it('gives its blocks in order: reasoning, text, refusal, calls', () => {
    const answer = answerOf({
      refusal: 'no',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"n":9007199254740993}' } }],
      content: 'yes',
      reasoning_content: 'hm',
    });
    expect(textsOf(answer)).to.deep.equal([
      ['reasoning', 'hm'],
      ['text', 'yes'],
      ['refusal', 'no'],
      ['call', '{"n":9007199254740993}'],
    ]);
  });

  it("takes reasoning from either field, and from Mistral's parts", () => {
    expect(textsOf(answerOf({ reasoning: 'hm', content: '' }))).to.deep.equal([['reasoning', 'hm']]);
    expect(textsOf(answerOf({ reasoning: 'hm', reasoning_content: 'hm' }))).to.deep.equal([['reasoning', 'hm']]);
    const content = [
      {
        type: 'thinking',
        thinking: [
          { type: 'text', text: 'h' },
          { type: 'text', text: 'm' },
        ],
      },
      { type: 'text', text: 'yes' },
      { type: 'reference', reference_ids: [1] },
    ];
    expect(textsOf(answerOf({ content }))).to.deep.equal([
      ['reasoning', 'hm'],
      ['text', 'yes'],
      ['foreign', ''],
    ]);
  });

  it('tells calls apart by their place, whatever index or id they name', () => {
    const call = { index: 0, function: { name: 'f', arguments: '{}' } };
    const answer = answerOf({ tool_calls: [call, call, { ...call, function: { name: 'g', arguments: { a: 1 } } }] });
    expect(textsOf(answer).map(([, text]) => text)).to.deep.equal(['{}', '{}', '{"a":1}']);
  });

  it('reads the old form of a call, and one of another kind as foreign', () => {
    const { blocks } = answerOf({
      function_call: { name: 'f', arguments: '{}' },
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sh', input: 'ls' } }],
    });
    const call = blocks.map(({ head }) => head).find(({ type }) => type === 'call');
    expect(call).to.include({ name: 'f', by: 'client' });
    expect(blocks.map(({ head }) => head.type)).to.have.members(['foreign', 'call']);
  });

  it('keeps what belongs to a block: citations of a text, and what Gemini wants to see again of a call', () => {
    const citation = { type: 'url_citation', url_citation: { url: 'https://example.com' } };
    const extra = { google: { thought_signature: 'c2ln' } };
    const tool_calls = [{ id: 'a', function: { name: 'f', arguments: '{}' }, extra_content: extra }];
    const { blocks } = answerOf({ content: 'a', annotations: [citation], tool_calls });
    expect(blocks.map(({ attached }) => attached)).to.deep.equal([
      [{ type: 'citation', of: 'openai-chat', data: JSON.stringify(citation) }],
      [{ type: 'signature', of: 'openai-chat', data: JSON.stringify(extra) }],
    ]);
  });

  it('is no empty answer with a sound or an image alone', () => {
    const { blocks } = answerOf({ content: null, audio: { id: 'a' }, images: [{ type: 'image_url' }] });
    expect(blocks.map(({ head }) => head.type === 'foreign' && head.name)).to.deep.equal(['audio', 'image']);
  });

  it('says why it ended, with the word of the provider', () => {
    const cases = {
      stop: 'stop',
      length: 'length',
      model_length: 'context-length',
      tool_calls: 'calls',
      function_call: 'calls',
      content_filter: 'filtered',
      eos_token: 'stop',
      MAX_TOKENS: 'length',
      model_context_window_exceeded: 'context-length',
      guardrail_intervened: 'filtered',
      sensitive: 'filtered',
      never_heard_of: 'other',
    };
    for (const [raw, reason] of Object.entries(cases)) {
      expect(finishOf({ finish_reason: raw })).to.deep.equal({ reason, raw, stopSequence: null });
    }
    expect(finishOf({ finish_reason: null })).to.equal(null);
  });

  it('waits for results where it calls tools, though it says stop', () => {
    const tool_calls = [{ id: 'a', function: { name: 'f', arguments: '{}' } }];
    expect(finishOf({ finish_reason: 'stop' }, { tool_calls })).to.include({ reason: 'calls', raw: 'stop' });
  });

  it("names vLLM's stop sequence, but no token and no word for a reason", () => {
    expect(finishOf({ finish_reason: 'stop', stop_reason: '</a>' })).to.deep.equal({
      reason: 'stop-sequence',
      raw: 'stop',
      stopSequence: '</a>',
    });
    for (const stop_reason of [128_009, 'stop', 'end_turn', '', null]) {
      expect(finishOf({ finish_reason: 'stop', stop_reason })).to.include({ reason: 'stop', stopSequence: null });
    }
  });

  type Row = [name: string, payload: JsonRecord, message: string];
  for (const [name, payload, message] of [
    ['an error', { error: { message: 'busy', code: 503 } }, 'busy'],
    ['an error in a choice', { choices: [{ error: { message: 'busy' } }] }, 'busy'],
    ...['error', 'network_error', 'insufficient_system_resource', 'abort'].map((finish_reason): Row => {
      const choice = { message: { content: 'cut o' }, finish_reason };
      return [`a finish that is one, ${finish_reason}`, { choices: [choice] }, 'the provider aborted its answer'];
    }),
  ] satisfies Row[]) {
    it(`throws the provider's error: ${name}`, () => {
      expect(() => readAnswer(payload))
        .to.throw(UnreadableAnswerError)
        .with.nested.property('error.message', message);
    });
  }

  it('is of another form without choices', () => {
    expect(() => readAnswer({ content: [] }))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', true);
  });

  it('throws only UnreadableAnswerError, for any JSON', () => {
    fc.assert(
      fc.property(anyRecord, (payload) => {
        try {
          expect(asArray(readAnswer(payload).blocks)).to.be.an('array');
        } catch (error) {
          if (!(error instanceof UnreadableAnswerError)) throw error;
        }
      }),
    );
  });
});

async function officiallyRead(body: string): Promise<OpenAI.ChatCompletion> {
  const headers = { 'content-type': 'application/json' };
  const client = new OpenAI({ apiKey: 'key', maxRetries: 0, fetch: async () => new Response(body, { headers }) });
  return await client.chat.completions.create({ model: 'm', messages: [] });
}
