import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { HubRequest, RequestBlock } from '../../../../src/dialects/hub.ts';
import { readRequest } from '../../../../src/dialects/openai-chat/read-request.ts';
import { writeRequest } from '../../../../src/dialects/openai-chat/write-request.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { asRecord, type JsonRecord } from '../../../../src/shared/json.ts';
import type { ChatRequest } from '../../../../src/wire/chat-request.ts';
import { blockOf, callOf, requestOf, resultOf, sayable, textOf } from './requests.ts';

const target = { model: 'local', maxTokens: null };

function written(request: HubRequest, model = target.model): JsonRecord {
  return asRecord(JSON.parse(JSON.stringify(writeRequest(request, { ...target, model }).payload))) ?? {};
}

/** A request without what may differ: where its texts stood. */
function withoutPlaces(request: HubRequest): unknown {
  return JSON.parse(
    JSON.stringify(request, (name, value) => (name === 'at' || name === 'stopsAt' ? undefined : value)),
  );
}

/** The official types with lists that nobody writes to, as ours are. */
type Mutable<T> = { -readonly [Name in keyof T]: Mutable<T[Name]> };

/** Words are passed on, whatever they are. */
type Worded = 'reasoning_effort' | 'service_tier' | 'verbosity';

/** Compiles only if the official client takes every body that can be written. */
function official(body: Mutable<Omit<ChatRequest, Worded>>): ChatCompletionCreateParams {
  return body;
}

describe('a chat completion request', () => {
  it('is of the type that the official client takes', () => {
    expect(official).to.be.a('function');
  });

  it('reads as the request that was written, for all that both can say', () => {
    fc.assert(
      fc.property(sayable, (request) => {
        expect(writeRequest(request, target).dropped).to.deep.equal([]);
        expect(withoutPlaces(readRequest(written(request)))).to.deep.equal(withoutPlaces(request));
      }),
    );
  });

  it('names what it leaves out, and keeps all else', () => {
    const thought: RequestBlock = blockOf({ type: 'reasoning', form: 'raw' }, 'hm');
    fc.assert(
      fc.property(sayable, (request) => {
        const messages = request.messages.map(({ role, blocks }) => ({
          role,
          blocks: role === 'assistant' ? [thought, ...blocks] : blocks,
        }));
        const { payload, dropped } = writeRequest({ ...request, messages }, target);
        expect(payload).to.deep.equal(writeRequest(request, target).payload);
        expect(dropped).to.deep.equal(messages.some(({ role }) => role === 'assistant') ? ['reasoning'] : []);
      }),
    );
  });

  it('says the model of the target, and nothing that the client did not say', () => {
    expect(written(requestOf())).to.deep.equal({ model: 'local', messages: [{ role: 'user', content: 'hi' }] });
  });

  it('asks for the token counts of a stream, if the gateway wants them', () => {
    const asking = { ...target, askUsage: true };
    const stream = { stream: true, stream_options: { include_usage: true } };
    expect(writeRequest(requestOf({ stream: true }), asking).payload).to.deep.include(stream);
    expect(written(requestOf({ stream: true }))).to.not.have.property('stream_options');
    expect(writeRequest(requestOf(), asking).payload).to.have.keys('model', 'messages');
  });

  it('limits tokens by the name that the model knows', () => {
    const request = requestOf({ maxTokens: 5 });
    for (const model of ['gpt-4o', 'openai/gpt-5', 'global.openai.gpt-6-sol', 'o3-mini', 'chatgpt-4o', 'our-gpt5']) {
      expect(written(request, model), model)
        .to.include({ max_completion_tokens: 5 })
        .and.not.have.any.keys('max_tokens');
    }
    for (const model of ['openai/gpt-oss-120b', 'mistral-large', 'codestral', 'deepseek-chat', 'marco-o1', 'llama3']) {
      expect(written(request, model), model).to.include({ max_tokens: 5 });
      expect(written(request, model)).to.not.have.any.keys('max_completion_tokens');
    }
  });

  it('names cache marks, which no server here takes, wherever they stand', () => {
    const cache = { ttl: null };
    const marked = { ...textOf('a'), cache };
    const dropped = (fields: Parameters<typeof requestOf>[0]) => writeRequest(requestOf(fields), target).dropped;
    const tool = { name: 'f', description: null, schema: null, isStrict: false, cache };
    expect(dropped({})).to.deep.equal([]);
    expect(dropped({ messages: [{ role: 'user', blocks: [marked] }] })).to.deep.equal(['cache_control']);
    expect(dropped({ messages: [{ role: 'user', blocks: [resultOf('c', [marked])] }] })).to.deep.equal([
      'cache_control',
    ]);
    expect(dropped({ tools: [tool] })).to.deep.equal(['cache_control']);
  });

  it('writes tools, and which of them is to be called', () => {
    const tool = { name: 'f', description: null, schema: null, isStrict: false, cache: null };
    const strict = { name: 'g', description: 'd', schema: { type: 'object' }, isStrict: true, cache: null };
    const request = requestOf({ tools: [tool, strict], toolChoice: { type: 'tool', name: 'g' }, parallelCalls: false });
    expect(written(request)).to.deep.include({
      tools: [
        { type: 'function', function: { name: 'f' } },
        { type: 'function', function: { name: 'g', description: 'd', parameters: { type: 'object' }, strict: true } },
      ],
      tool_choice: { type: 'function', function: { name: 'g' } },
      parallel_tool_calls: false,
    });
    for (const type of ['auto', 'required', 'none'] as const) {
      expect(written({ ...request, toolChoice: { type } })).to.include({ tool_choice: type });
    }
  });

  it('says nothing of calls without a tool', () => {
    const request = requestOf({ toolChoice: { type: 'auto' }, parallelCalls: true });
    expect(written(request)).to.have.keys('model', 'messages');
  });

  it('refuses more stop sequences than OpenAI takes', () => {
    const stops = ['a', 'b', 'c', 'd'];
    expect(written(requestOf({ stopSequences: stops }))).to.deep.include({ stop: stops });
    expect(() => writeRequest(requestOf({ stopSequences: [...stops, 'e'] }), target))
      .to.throw(GatewayError, 'stop_sequences should be at most 4 for this provider')
      .with.property('param', 'stop_sequences');
  });

  it("writes its own extensions back, tools at their place, and no other dialect's", () => {
    const body = {
      model: 'local',
      messages: [{ role: 'user', content: 'hi' }],
      tools: [
        { type: 'custom', custom: { name: 'sh' } },
        { type: 'function', function: { name: 'f' } },
        { type: 'custom', custom: { name: 'py' } },
      ],
      tool_choice: { type: 'custom', custom: { name: 'sh' } },
      n: 2,
      logprobs: true,
    };
    expect(written(readRequest(body))).to.deep.equal(body);
    const foreign = { of: 'anthropic-messages', name: 'thinking', value: {}, refusal: null };
    expect(written(requestOf({ extensions: [foreign] }))).to.have.keys('model', 'messages');
  });

  it('says to newer models of Gemini that the first call of a message is not signed, if it is not', () => {
    const signature = { type: 'signature', of: 'openai-chat', data: '{"google":{"thought_signature":"s"}}' } as const;
    const signed = { ...callOf('c'), attached: [signature] };
    const request = requestOf({
      messages: [
        { role: 'user', blocks: [textOf('hi')] },
        { role: 'assistant', blocks: [callOf('a'), callOf('b')] },
        { role: 'user', blocks: [resultOf('a', []), resultOf('b', [])] },
        { role: 'assistant', blocks: [textOf('x'), signed] },
      ],
    });
    const proofs = (model: string) => {
      const { messages } = written(request, model) as { messages: { tool_calls?: { extra_content?: unknown }[] }[] };
      return messages.flatMap(({ tool_calls = [] }) => tool_calls.map((each) => each.extra_content ?? null));
    };
    const own = { google: { thought_signature: 's' } };
    const none = { google: { thought_signature: 'skip_thought_signature_validator' } };
    expect(proofs('google/gemini-3.1-pro')).to.deep.equal([none, null, own]);
    for (const model of ['gemini-2.5-flash', 'gpt-5']) expect(proofs(model)).to.deep.equal([null, null, own]);
  });

  it("has ids of calls that Mistral's models take, the same for a call and its result", () => {
    const request = requestOf({
      messages: [
        { role: 'user', blocks: [textOf('hi')] },
        { role: 'assistant', blocks: [callOf('toolu_01A'), callOf('abcDEF123')] },
        { role: 'user', blocks: [resultOf('toolu_01A', []), resultOf('abcDEF123', [])] },
      ],
    });
    const idsFor = (model: string) => {
      const { messages } = written(request, model) as {
        messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[];
      };
      const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id));
      return { calls, results: messages.flatMap(({ tool_call_id = [] }) => tool_call_id) };
    };
    for (const model of ['mistral-large-latest', 'mistralai/Mixtral-8x7B', 'open-mistral-nemo', 'devstral-2512']) {
      const { calls, results } = idsFor(model);
      expect(results).to.deep.equal(calls);
      expect(calls[0]).to.match(/^[a-zA-Z0-9]{9}$/);
      expect(calls[1]).to.equal('abcDEF123');
    }
    for (const model of ['gpt-5', 'llama3']) expect(idsFor(model).calls).to.deep.equal(['toolu_01A', 'abcDEF123']);
  });

  it('moves long texts and reads nothing in them', () => {
    const long = 'x'.repeat(1_000_000);
    expect(written(requestOf({ messages: [{ role: 'user', blocks: [textOf(long)] }] }))).to.nested.include({
      'messages[0].content': long,
    });
  });
});
