/** What providers report of an answer's tokens: bodies as they are documented, or were recorded. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { usageOf as usageOfGemini } from '../../../src/dialects/gemini-generate/facts.ts';
import type { Usage } from '../../../src/dialects/hub.ts';
import { clientDialectOf } from '../../../src/dialects/registry.ts';
import { answerContext, codecOf } from '../../helpers/codecs.ts';

const message = { role: 'assistant', content: 'Hi' };
const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

/** What a whole answer of a dialect is read to have used. */
function read(dialect: string, answer: object): Usage | null {
  return clientDialectOf(dialect).inspect(Buffer.from(JSON.stringify(answer)), null, 'application/json').facts.usage;
}

const chat = (usage: object, more: object = {}) =>
  read('openai-chat', { choices: [{ index: 0, message, finish_reason: 'stop' }], usage, ...more });

describe('the tokens of a chat', () => {
  it('have their audio and images, and the tier that OpenAI served', () => {
    const usage = {
      ...{ prompt_tokens: 90, completion_tokens: 40, total_tokens: 130 },
      prompt_tokens_details: { cached_tokens: 12, cache_write_tokens: 8, audio_tokens: 30, image_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 25, rejected_prediction_tokens: 3 },
    };
    expect(chat(usage, { service_tier: 'priority' })).to.deep.equal({
      ...{ input: 90, output: 40, cacheRead: 12, cacheWrite: 8, reasoning: 5 },
      ...{ inputAudio: 30, inputImage: 20, outputAudio: 25, tier: 'priority' },
    });
  });

  it('have what xAI counts beside the completion, and the tools that it ran', () => {
    const usage = {
      ...{
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        num_sources_used: 0,
        cost_in_usd_ticks: 1466250,
      },
      prompt_tokens_details: { text_tokens: 12, audio_tokens: 0, image_tokens: 0, cached_tokens: 11 },
      completion_tokens_details: { reasoning_tokens: 290, audio_tokens: 0 },
      server_side_tool_usage_details: {
        web_search_calls: 1,
        x_search_calls: 2,
        code_interpreter_calls: 0,
        mcp_calls: 4,
      },
    };
    expect(chat(usage)).to.deep.equal({
      ...{ input: 12, output: 291, cacheRead: 11, cacheWrite: 0, reasoning: 290 },
      serverTools: { web_search: 3, other: 4 },
    });
  });

  it('have the cache reads of DeepSeek, and of servers that count them beside the details', () => {
    const deepseek = { prompt_tokens: 339, completion_tokens: 83, total_tokens: 422, prompt_cache_hit_tokens: 320 };
    expect(chat({ ...deepseek, prompt_cache_miss_tokens: 19 })).to.include({ input: 339, cacheRead: 320 });
    const moonshot = { prompt_tokens: 19, completion_tokens: 21, total_tokens: 40, cached_tokens: 10 };
    expect(chat(moonshot)).to.include({ input: 19, output: 21, cacheRead: 10 });
  });

  it('have the tier of Groq under the name that it has elsewhere, and its own field where that is all there is', () => {
    const usage = { queue_time: 0.04, prompt_tokens: 45, completion_tokens: 607, total_tokens: 652, total_time: 2.2 };
    expect(chat(usage, { service_tier: 'on_demand' })).to.include({ input: 45, output: 607, tier: 'default' });
    const older = { x_groq: { id: 'req_1', usage: { prompt_tokens: 45, completion_tokens: 662, total_tokens: 707 } } };
    const answer = { choices: [{ index: 0, message, finish_reason: 'stop' }], ...older };
    expect(read('openai-chat', answer)).to.include({ input: 45, output: 662 });
  });

  it('have cache writes and searches of OpenRouter, whose own bill is not read', () => {
    const usage = {
      ...{ prompt_tokens: 194, completion_tokens: 2, total_tokens: 196, cost: 0.95 },
      cost_details: { upstream_inference_cost: 19 },
      prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: 100, audio_tokens: 0 },
      server_tool_use: { web_search_requests: 2 },
    };
    expect(chat(usage)).to.deep.equal({
      ...{ input: 194, output: 2, cacheRead: 50, cacheWrite: 100, reasoning: 0 },
      serverTools: { web_search: 2 },
    });
  });

  it('have the searches of Perplexity and its count of thoughts', () => {
    const usage = { prompt_tokens: 33, completion_tokens: 7163, total_tokens: 7196, citation_tokens: 20016 };
    expect(chat({ ...usage, num_search_queries: 18, reasoning_tokens: 6000 })).to.deep.equal({
      ...{ input: 33, output: 7163, cacheRead: 0, cacheWrite: 0, reasoning: 6000 },
      serverTools: { web_search: 18 },
    });
  });

  it('have thoughts beside the completion where there are more of them than it has tokens', () => {
    const usage = { prompt_tokens: 108, completion_tokens: 3256, total_tokens: 3364, reasoning_tokens: 73_248 };
    expect(chat(usage)).to.include({ input: 108, output: 76_504, reasoning: 73_248 });
    const { total_tokens: _, ...withoutTotal } = usage;
    expect(chat(withoutTotal)).to.include({ input: 108, output: 76_504, reasoning: 73_248 });
  });

  it('have caches beside the prompt where a broker counts them as Anthropic does', () => {
    const usage = { prompt_tokens: 31, completion_tokens: 467, cache_creation_input_tokens: 1253 };
    const whole = { input: 1284, output: 467, cacheWrite: 1253, cacheRead: 0 };
    expect(chat(usage)).to.include(whole);
    for (const total_tokens of [498, 1751]) expect(chat({ ...usage, total_tokens })).to.include(whole);
    const read = { prompt_tokens: 900, completion_tokens: 50, total_tokens: 1550, cache_read_input_tokens: 600 };
    expect(chat(read)).to.include({ input: 1500, output: 50, cacheRead: 600 });
    expect(chat({ ...read, total_tokens: 950 })).to.include({ input: 900, output: 50, cacheRead: 600 });
  });

  it('have no more input than the prompt, whatever a server counts as cached in its details', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 396 } };
    expect(chat(usage)).to.include({ input: 100, cacheRead: 396 });
  });

  it("have the lifetimes of Anthropic's caches where a broker repeats them", () => {
    const usage = {
      ...{ prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 },
      ...{ cache_creation_input_tokens: 60, cache_read_input_tokens: 30 },
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
    };
    expect(chat(usage)).to.include({ input: 100, cacheRead: 30, cacheWrite: 60, cacheWrite1h: 40 });
  });

  it('have no tier where the wish is repeated, and another where its word is not known', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    expect(chat(usage, { service_tier: 'auto' })).to.not.have.property('tier');
    expect(chat(usage, { service_tier: null })).to.not.have.property('tier');
    expect(chat(usage, { service_tier: 'performance' })).to.include({ tier: 'other' });
  });
});

describe('the tokens of a response', () => {
  const usage = {
    ...{ input_tokens: 30, output_tokens: 20, total_tokens: 50 },
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 6 },
    output_tokens_details: { reasoning_tokens: 3 },
  };
  const output = [
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
    { type: 'web_search_call', id: 'ws_2', status: 'completed', action: { type: 'open_page' } },
    { type: 'code_interpreter_call', id: 'ci_1', status: 'completed' },
    { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] },
  ];
  const response = { id: 'resp_1', object: 'response', status: 'completed', output, usage, service_tier: 'flex' };

  it('have the tools that OpenAI ran, with the searches that it bills where it counts them', () => {
    expect(read('openai-responses', response)).to.deep.equal({
      ...{ input: 30, output: 20, cacheRead: 4, cacheWrite: 6, reasoning: 3 },
      ...{ serverTools: { web_search: 2, code_execution: 1 }, tier: 'flex' },
    });
    const billed = { ...response, tool_usage: { web_search: { num_requests: 1 } } };
    expect(read('openai-responses', billed)?.serverTools).to.deep.equal({ web_search: 1, code_execution: 1 });
  });

  it('have the tools that xAI counts, not their items', () => {
    const counted = { ...usage, server_side_tool_usage_details: { web_search_calls: 0, x_search_calls: 7 } };
    expect(read('openai-responses', { ...response, usage: counted })?.serverTools).to.deep.equal({ web_search: 7 });
  });
});

describe('the tokens of a message', () => {
  const messageWith = (usage: object) =>
    read('anthropic-messages', { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi' }], usage });

  it('have the lifetimes of caches, the tools, the tier and the speed', () => {
    const usage = {
      ...{ input_tokens: 10, output_tokens: 9, cache_creation_input_tokens: 60, cache_read_input_tokens: 30 },
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 2 },
      ...{ service_tier: 'standard', speed: 'fast', inference_geo: 'us' },
    };
    expect(messageWith(usage)).to.deep.equal({
      ...{ input: 100, output: 9, cacheRead: 30, cacheWrite: 60, reasoning: 4, cacheWrite1h: 40 },
      ...{ serverTools: { web_search: 1, web_fetch: 2 }, tier: 'default', speed: 'fast', geo: 'us' },
    });
    const plain = {
      ...usage,
      cache_creation: null,
      server_tool_use: null,
      service_tier: 'batch',
      speed: 'standard',
      inference_geo: 'global',
    };
    expect(messageWith(plain))
      .to.include({ tier: 'batch' })
      .and.not.have.any.keys('speed', 'geo', 'serverTools', 'cacheWrite1h');
  });

  it('have what it took to compact the conversation, which stands beside them', () => {
    const usage = {
      ...{ input_tokens: 23_000, output_tokens: 1_000, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
      iterations: [
        { type: 'compaction', input_tokens: 180_000, output_tokens: 3_500, cache_read_input_tokens: 10 },
        { type: 'message', input_tokens: 23_000, output_tokens: 1_000 },
      ],
    };
    expect(messageWith(usage)).to.include({ input: 203_010, output: 4_500, cacheRead: 10 });
  });

  it('keep what the start said where the last event says null', () => {
    const start = {
      ...{ input_tokens: 5, output_tokens: 1, cache_creation_input_tokens: 7, cache_read_input_tokens: 0 },
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 7 },
      service_tier: 'priority',
    };
    const last = { input_tokens: null, output_tokens: 12, cache_creation_input_tokens: null, server_tool_use: null };
    const stream = clientDialectOf('anthropic-messages').watch({
      ...{ model: 'm', includeUsage: false, createdAt: 1, requestId: 'r', choices: 1 },
    });
    const events = [
      { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [], usage: start } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: last },
    ];
    for (const event of events) {
      const data = JSON.stringify(event);
      stream.push({ event: event.type, data, raw: Buffer.from(`event: ${event.type}\ndata: ${data}\n\n`) });
    }
    expect(stream.facts.usage).to.deep.equal({
      ...{ input: 12, output: 12, cacheRead: 0, cacheWrite: 7, reasoning: 0, cacheWrite1h: 7, tier: 'priority' },
    });
  });
});

describe('the tokens of other APIs', () => {
  it('have the images of gpt-image, where their detail is told and where it is not', () => {
    const usage = {
      ...{ input_tokens: 50, output_tokens: 4160, total_tokens: 4210 },
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    };
    const image = (more: object) =>
      read('openai-images', { created: 1, data: [{ b64_json: 'aGk=' }], usage: { ...usage, ...more } });
    expect(image({})).to.deep.equal({ ...none, input: 50, output: 4160, inputImage: 40, outputImage: 4160 });
    const details = { output_tokens_details: { text_tokens: 60, image_tokens: 4100 } };
    expect(image(details)).to.deep.equal({ ...none, input: 50, output: 4160, inputImage: 40, outputImage: 4100 });
  });

  it('have the audio of a transcript that is billed by tokens, and none of one that is billed by its length', () => {
    const usage = {
      ...{ type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 },
      input_token_details: { text_tokens: 4, audio_tokens: 10 },
    };
    expect(read('openai-transcriptions', { text: 'Hi', usage })).to.deep.equal({
      ...{ ...none, input: 14, output: 45, inputAudio: 10 },
    });
    expect(read('openai-transcriptions', { text: 'Hi', usage: { type: 'duration', seconds: 12 } })).to.equal(null);
  });

  it('have all tokens of an embedding as input', () => {
    const usage = { prompt_tokens: 12, total_tokens: 12 };
    expect(read('openai-embeddings', { data: [{ index: 0, embedding: [1] }], usage })).to.deep.equal({
      ...none,
      input: 12,
    });
    expect(read('openai-moderations', { results: [{ flagged: false }] })).to.equal(null);
  });
});

describe('the tokens of an answer that is translated', () => {
  const told = (inbound: string, outbound: string, answer: object) =>
    JSON.parse(
      codecOf(inbound, outbound)
        .answer(Buffer.from(JSON.stringify(answer)), answerContext(), null)
        .body.toString(),
    );

  const ofGemini = (usageMetadata: object) =>
    told('openai-chat', 'gemini-generate', {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
      usageMetadata,
    });

  it("have Gemini's thoughts once, whether the candidates hold them or not", () => {
    const counts = { promptTokenCount: 7477, candidatesTokenCount: 2060, thoughtsTokenCount: 1939 };
    for (const [totalTokenCount, output] of [
      [11_476, 3999],
      [9537, 2060],
    ] as const) {
      const { usage } = ofGemini({ ...counts, totalTokenCount });
      expect(usage).to.deep.include({ prompt_tokens: 7477, completion_tokens: output });
      expect(usage.completion_tokens_details.reasoning_tokens).to.equal(1939);
    }
    expect(ofGemini(counts).usage.completion_tokens).to.equal(3999);
  });

  it('have the tier of Vertex, and another where its word is not known, as for what is paid by the hour', () => {
    const tierOf = (counts: object) => usageOfGemini({ promptTokenCount: 1, ...counts }).tier;
    expect(tierOf({ trafficType: 'ON_DEMAND' })).to.equal('default');
    expect(tierOf({ trafficType: 'ON_DEMAND_FLEX' })).to.equal('flex');
    expect(tierOf({ trafficType: 'PROVISIONED_THROUGHPUT' })).to.equal('other');
    expect(tierOf({ trafficType: 'ON_DEMAND_OFFPEAK' })).to.equal('other');
    expect(tierOf({ trafficType: 'TRAFFIC_TYPE_UNSPECIFIED' })).to.equal(undefined);
    expect(tierOf({ serviceTier: 'PRIORITY' })).to.equal('priority');
  });

  const spoken = {
    ...{ id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], service_tier: 'priority' },
    usage: {
      ...{ prompt_tokens: 100, completion_tokens: 40, total_tokens: 140, cache_creation_input_tokens: 60 },
      prompt_tokens_details: { cached_tokens: 30, audio_tokens: 20, image_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 8 },
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
      server_tool_use: { web_search_requests: 2 },
    },
  };

  it("are told in Anthropic's words, with caches by their lifetimes, searches and the tier", () => {
    expect(told('anthropic-messages', 'openai-chat', spoken).usage).to.deep.equal({
      ...{ input_tokens: 10, output_tokens: 40, cache_creation_input_tokens: 60, cache_read_input_tokens: 30 },
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
      output_tokens_details: { thinking_tokens: 5 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
      service_tier: 'priority',
    });
  });

  it("are told in OpenAI's words, with the tier that was served, not the one that was asked for", () => {
    const answer = {
      ...{ type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' },
      usage: { input_tokens: 10, output_tokens: 4, service_tier: 'standard' },
    };
    expect(told('openai-chat', 'anthropic-messages', answer)).to.include({ service_tier: 'default' });
    const context = answerContext({ asked: { service_tier: 'flex' } });
    const bytes = Buffer.from(JSON.stringify({ ...answer, usage: { ...answer.usage, service_tier: 'priority' } }));
    const { body } = codecOf('openai-responses', 'anthropic-messages').answer(bytes, context, null);
    expect(JSON.parse(body.toString())).to.include({ service_tier: 'priority' });
    const batch = { ...answer, usage: { ...answer.usage, service_tier: 'batch' } };
    expect(told('openai-chat', 'anthropic-messages', batch)).to.not.have.property('service_tier');
  });

  it('are told to clients of chats with the audio of a response, where it has any', () => {
    const response = {
      ...{ id: 'r', object: 'response', status: 'completed', model: 'm' },
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] }],
      usage: {
        ...{ input_tokens: 9, output_tokens: 8, total_tokens: 17 },
        input_tokens_details: { cached_tokens: 1, audio_tokens: 4, image_tokens: 2 },
        output_tokens_details: { reasoning_tokens: 0, audio_tokens: 3 },
      },
    };
    expect(told('openai-chat', 'openai-responses', response).usage).to.deep.include({
      prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 0, audio_tokens: 4, image_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 3 },
    });
  });
});
