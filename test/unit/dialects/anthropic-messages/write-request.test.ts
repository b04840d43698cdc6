import { expect } from 'chai';
import { describe, it } from 'mocha';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { arrivedAt, codecOf } from '../../../helpers/codecs.ts';

const codec = codecOf('openai-chat', 'anthropic-messages');

function requestOf(params: object, given: { model?: string; maxTokens?: number | null } = {}) {
  const body = { model: 'claude', messages: [{ role: 'user', content: 'hi' }], ...params };
  const { model = 'claude-sonnet-4-5', maxTokens = null } = given;
  const request = codec.request(arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body))), { model, maxTokens });
  return { ...request, payload: JSON.parse(request.body.toString()) };
}

function refusal(params: object): { code: string; param: string | null } {
  try {
    requestOf(params);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error('nothing was refused');
}

const tool = (name: string, more: object = {}) => ({ type: 'function', function: { name, ...more } });

describe('a request in the messages dialect', () => {
  it('has headers of its own, and asks for a stream where the client does', () => {
    const { sent } = codec.outbound.headers;
    expect(sent(true)).to.deep.equal({
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'anthropic-version': '2023-06-01',
    });
    expect(sent(false).accept).to.equal('application/json');
    expect(requestOf({ stream: true }).payload.stream).to.equal(true);
  });

  it('has only the required fields for a minimal request', () => {
    expect(requestOf({ stream: false }).payload).to.deep.equal({
      model: 'claude-sonnet-4-5',
      max_tokens: 4096,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
  });

  it('takes max_tokens from max_completion_tokens, max_tokens, the configuration or the default of 4096', () => {
    const limit = (params: object, maxTokens: number | null) => requestOf(params, { maxTokens }).payload.max_tokens;
    expect(limit({ max_completion_tokens: 1, max_tokens: 2 }, 3)).to.equal(1);
    expect(limit({ max_completion_tokens: null, max_tokens: 2 }, 3)).to.equal(2);
    expect(limit({}, 3)).to.equal(3);
    expect(limit({}, null)).to.equal(4096);
    expect(refusal({ max_tokens: 0 })).to.deep.equal({ code: 'invalid_value', param: 'max_tokens' });
    expect(refusal({ max_completion_tokens: 1.5 }).param).to.equal('max_completion_tokens');
  });

  it("keeps what stands beside in Anthropic's own parameter, under any name", () => {
    const output = '{"__proto__":{"a":1},"a.b":2,"constructor":3,"effort":"low"}';
    const { payload } = requestOf({ output_config: JSON.parse(output) });
    expect(JSON.stringify(payload.output_config)).to.equal(output);
  });

  it('caps the temperature at 1 and reports it as dropped', () => {
    const hot = requestOf({ temperature: 1.7 });
    expect(hot.payload).to.not.have.property('temperature');
    expect(hot.droppedParams).to.deep.equal(['temperature']);
    expect(requestOf({ temperature: 0.3 }).payload.temperature).to.equal(0.3);
    expect(requestOf({ temperature: 0 }).payload.temperature).to.equal(0);
    expect(refusal({ temperature: 'hot' })).to.deep.equal({ code: 'invalid_value', param: 'temperature' });
  });

  it('sends only one of temperature and top_p, and no default', () => {
    const both = requestOf({ temperature: 0.3, top_p: 0.9 });
    expect(both.payload).to.include({ temperature: 0.3 }).and.not.have.property('top_p');
    expect(both.droppedParams).to.deep.equal(['top_p']);
    const defaults = requestOf({ temperature: 1, top_p: 1 });
    expect(defaults.payload).to.not.have.any.keys('temperature', 'top_p');
    expect(defaults.droppedParams).to.deep.equal([]);
    expect(requestOf({ temperature: 1, top_p: 0.9 }).payload.top_p).to.equal(0.9);
  });

  it('sends no sampling parameter to the models that refuse them', () => {
    const droppedFor = (model: string) => requestOf({ temperature: 0.3 }, { model }).droppedParams;
    for (const model of ['claude-opus-4-7', 'claude-opus-5', 'claude-sonnet-5-5', 'anthropic.claude-opus-4-8-v1']) {
      expect(droppedFor(model), model).to.deep.equal(['temperature']);
    }
    for (const model of [
      'claude-3-7-sonnet-20250219',
      'claude-opus-4-20250514',
      'claude-sonnet-4-5-20250929',
      'claude-opus-4-6',
      'claude-2.1',
      'kimi-k2',
    ]) {
      expect(droppedFor(model), model).to.deep.equal([]);
    }
    expect(requestOf({ top_p: 0.5 }, { model: 'claude-opus-5' }).droppedParams).to.deep.equal(['top_p']);
  });

  it('forwards stop sequences except blank ones', () => {
    expect(requestOf({ stop: 'END' }).payload.stop_sequences).to.deep.equal(['END']);
    const some = requestOf({ stop: ['a', '\n'] });
    expect(some.payload.stop_sequences).to.deep.equal(['a']);
    expect(some.droppedParams).to.deep.equal(['stop']);
    expect(requestOf({ stop: [] }).payload).to.not.have.property('stop_sequences');
    expect(refusal({ stop: ['a', 7] })).to.deep.equal({ code: 'invalid_value', param: 'stop' });
  });

  it('translates tools', () => {
    const parameters = { type: 'object', properties: { x: { type: 'number' } } };
    const request = requestOf({ tools: [tool('f', { description: 'd', parameters, strict: true }), tool('g')] });
    expect(request.payload.tools).to.deep.equal([
      { name: 'f', description: 'd', input_schema: parameters, strict: true },
      { name: 'g', input_schema: { type: 'object', properties: {} } },
    ]);
    expect(request.payload).to.not.have.property('tool_choice');
    expect(request.droppedParams).to.deep.equal([]);
  });

  it('gives each schema a type', () => {
    const properties = { x: { type: 'number' } };
    const { payload } = requestOf({
      tools: [tool('f', { parameters: {} }), tool('g', { parameters: { properties } })],
    });
    expect(payload.tools).to.deep.equal([
      { name: 'f', input_schema: { type: 'object', properties: {} } },
      { name: 'g', input_schema: { type: 'object', properties } },
    ]);
  });

  it('takes a history as agents send it', () => {
    const cut = '{"text":"lorem';
    for (const text of [cut, cut + ' ipsum'.repeat(20_000), '[]', 'null', '7']) {
      const called = { id: 'c', type: 'function', function: { name: 'f', arguments: text } };
      const turns = [{ role: 'assistant', content: ' \n', tool_calls: [called] }];
      const { payload } = requestOf({ messages: [{ role: 'user', content: 'hi' }, ...turns] });
      expect(payload.messages[1]?.content).to.deep.equal([
        { type: 'tool_use', id: 'c', name: 'f', input: { INVALID_JSON: text } },
      ]);
    }
    const called = { id: 'c', type: 'function', function: { name: 'f', arguments: { city: 'Paris' } } };
    const { payload } = requestOf({ messages: [{ role: 'assistant', content: null, tool_calls: [called] }] });
    expect(JSON.stringify(payload.messages)).to.include('"input":{"city":"Paris"}');
  });

  it('translates tool_choice', () => {
    const choice = (params: object) => requestOf({ tools: [tool('f')], ...params }).payload.tool_choice;
    expect(choice({ tool_choice: 'auto' })).to.deep.equal({ type: 'auto' });
    expect(choice({ tool_choice: 'required' })).to.deep.equal({ type: 'any' });
    expect(choice({ tool_choice: 'none' })).to.deep.equal({ type: 'none' });
    expect(choice({ tool_choice: tool('f') })).to.deep.equal({ type: 'tool', name: 'f' });
    expect(choice({ parallel_tool_calls: true })).to.equal(undefined);
    const alone = { disable_parallel_tool_use: true };
    expect(choice({ parallel_tool_calls: false })).to.deep.equal({ type: 'auto', ...alone });
    expect(choice({ parallel_tool_calls: false, tool_choice: 'required' })).to.deep.equal({ type: 'any', ...alone });
    expect(choice({ parallel_tool_calls: false, tool_choice: 'none' })).to.deep.equal({ type: 'none' });
    expect(requestOf({ tools: [], tool_choice: 'auto' }).payload).to.not.have.any.keys('tools', 'tool_choice');
  });

  it('refuses parameters that would change the meaning of the answer', () => {
    const unsupported = (param: string) => ({ code: 'unsupported_parameter', param });
    expect(refusal({ n: 2 })).to.deep.equal(unsupported('n'));
    expect(refusal({ functions: [] })).to.deep.equal(unsupported('functions'));
    expect(refusal({ tools: [{ type: 'custom', custom: { name: 'x' } }] })).to.deep.equal(unsupported('tools[0]'));
    expect(refusal({ tools: [tool('f')], tool_choice: { type: 'allowed_tools' } }).param).to.equal('tool_choice');
    expect(refusal({ response_format: { type: 'json_object' } })).to.deep.equal(unsupported('response_format'));
    expect(refusal({ response_format: { type: 'grammar' } })).to.deep.equal(unsupported('response_format'));
    expect(refusal({ tools: {} })).to.deep.equal({ code: 'invalid_value', param: 'tools' });
    expect(refusal({ tools: [{ type: 'function', function: {} }] }).param).to.equal('tools[0].function.name');
    expect(requestOf({ n: 1 }).droppedParams).to.deep.equal([]);
  });

  it('lists the parameters that it drops, except those that only repeat a default', () => {
    const dropped = requestOf({
      seed: 0,
      logit_bias: { 5: 1 },
      frequency_penalty: 0.5,
      reasoning_effort: 'ultra',
      verbosity: 'high',
      service_tier: 'flex',
      thinking: 'much',
    }).droppedParams;
    expect(dropped).to.have.members([
      'seed',
      'logit_bias',
      'frequency_penalty',
      'reasoning_effort',
      'verbosity',
      'service_tier',
      'thinking',
    ]);
    const defaults = {
      response_format: { type: 'text' },
      seed: null,
      logit_bias: {},
      frequency_penalty: 0,
      presence_penalty: 0,
      logprobs: false,
      store: false,
      service_tier: 'auto',
      modalities: ['text'],
      stream_options: { include_usage: true },
    };
    expect(requestOf(defaults).droppedParams).to.deep.equal([]);
  });

  it('lists no name that could break a header or make it too long', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, 1]));
    const dropped = requestOf({ 'a\r\nset-cookie: x': 1, ['x'.repeat(65)]: 1, ...many }).droppedParams;
    expect(dropped.length).to.equal(32);
    expect(dropped[0]).to.equal('other');
    expect(dropped.every((name) => /^\w+$/.test(name))).to.equal(true);
  });

  it("forwards Anthropic's own parameters, the user and the schema of the answer", () => {
    const own = { top_k: 5, cache_control: { type: 'ephemeral' }, output_config: { effort: 'low' } };
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } };
    const request = requestOf({ ...own, user: 'u', response_format });
    expect(request.payload).to.deep.include({
      top_k: 5,
      cache_control: own.cache_control,
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
      metadata: { user_id: 'u' },
    });
    expect(request.droppedParams).to.deep.equal([]);
    const newer = requestOf({ ...own, top_k: 5 }, { model: 'claude-opus-5' });
    expect(newer.payload).to.not.have.property('top_k');
    expect(newer.droppedParams).to.deep.equal(['top_k']);
    expect(requestOf({ top_k: 'x', cache_control: 'x', user: 7 }).droppedParams).to.have.members([
      'top_k',
      'cache_control',
      'user',
    ]);
  });

  it('says of a schema that its objects have no other fields, without which Anthropic refuses it', () => {
    const inner = { type: 'object', properties: { b: { type: 'string' } } };
    const schema = { type: 'object', properties: { a: inner } };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const additionalProperties = false;
    expect(requestOf({ response_format }).payload).to.deep.include({
      output_config: {
        format: {
          type: 'json_schema',
          schema: { type: 'object', properties: { a: { ...inner, additionalProperties } }, additionalProperties },
        },
      },
    });
  });

  it('puts bounds of a schema, which Anthropic refuses, into words, and names them', () => {
    const parameters = {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 1 } },
      additionalProperties: false,
    };
    const schema = { ...parameters, properties: { a: { type: 'integer', description: '{minimum: 1}' } } };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema: parameters } };
    const tools = [tool('f', { parameters, strict: true }), tool('g', { parameters })];
    const { payload, droppedParams } = requestOf({ response_format, tools });
    expect(payload).to.deep.include({
      output_config: { format: { type: 'json_schema', schema } },
      tools: [
        { name: 'f', input_schema: schema, strict: true },
        { name: 'g', input_schema: parameters },
      ],
    });
    expect(droppedParams).to.deep.equal(['response_format.minimum', 'tools.minimum']);
  });

  it('refuses a schema with an object that has fields of any name, which could only be empty', () => {
    for (const schema of [{ type: 'object' }, { type: 'object', properties: { a: { type: 'object' } } }]) {
      const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } };
      expect(refusal({ response_format })).to.deep.equal({ code: 'unsupported_parameter', param: 'response_format' });
    }
  });

  it('says how a schema is meant, where Anthropic cannot be told', () => {
    const schema = { type: 'object', properties: {} };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', description: 'd', schema } };
    expect(requestOf({ response_format }).droppedParams).to.deep.equal(['response_format.description']);
  });

  it('asks for effort in the words that the model knows, and says where there are none', () => {
    const asked = (model: string, reasoning_effort: string, fields: object = {}) => {
      const { payload, droppedParams } = requestOf({ ...fields, reasoning_effort }, { model });
      const { output_config, thinking } = payload as { output_config?: { effort?: string }; thinking?: object };
      return [output_config?.effort ?? thinking ?? null, droppedParams.includes('reasoning_effort')];
    };
    const budget = (budget_tokens: number) => ({ type: 'enabled', budget_tokens });
    expect(asked('claude-opus-4-6', 'medium')).to.deep.equal(['medium', false]);
    expect(asked('claude-opus-5-5', 'xhigh')).to.deep.equal(['xhigh', false]);
    expect(asked('claude-opus-5-5', 'newer')).to.deep.equal(['newer', false]);
    expect(asked('claude-sonnet-4-6', 'max')).to.deep.equal(['max', false]);
    expect(asked('claude-sonnet-4-6', 'xhigh')).to.deep.equal(['high', true]);
    expect(asked('claude-opus-4-5', 'max')).to.deep.equal(['high', true]);
    expect(asked('claude-opus-4-6', 'minimal')).to.deep.equal(['low', true]);
    expect(asked('claude-opus-4-6', 'none')).to.deep.equal([null, false]);
    expect(asked('claude-opus-5-5', 'none')).to.deep.equal(['low', true]);
    expect(asked('kimi-k3', 'high')).to.deep.equal(['high', false]);
    expect(asked('us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'high')).to.deep.equal([budget(16_384), false]);
    expect(asked('claude-sonnet-4-20250514', 'low', { max_tokens: 3_000 })).to.deep.equal([budget(1_500), false]);
    expect(asked('claude-haiku-4-5', 'none')).to.deep.equal([null, false]);
    expect(asked('claude-haiku-4-5', 'newer')).to.deep.equal([null, true]);
    expect(asked('claude-3-5-sonnet-latest', 'high')).to.deep.equal([null, true]);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    for (const forbids of [{ temperature: 0.5 }, { top_p: 0.5 }, { top_k: 5 }, { tools, tool_choice: 'required' }]) {
      expect(asked('claude-sonnet-4-5', 'high', forbids)).to.deep.equal([null, true]);
    }
    expect(asked('claude-sonnet-4-5', 'high', { max_tokens: 2_000 })).to.deep.equal([null, true]);
  });

  it('asks for no thoughts where the last turn has called without one, which Anthropic refuses', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    const result = { role: 'tool', tool_call_id: 'a', content: 'x' };
    const details = [{ type: 'reasoning.text', text: 'hm', signature: 's' }];
    const asked = (turn: object) =>
      requestOf({ reasoning_effort: 'high', messages: [{ role: 'user', content: 'hi' }, turn, result] });
    const without = asked({ role: 'assistant', content: null, tool_calls: [call] });
    expect(without.payload).to.not.have.property('thinking');
    expect(without.droppedParams).to.deep.equal(['reasoning_effort']);
    const with_ = asked({ role: 'assistant', content: null, tool_calls: [call], reasoning_details: details });
    expect(with_.payload).to.have.property('thinking');
    expect(with_.droppedParams).to.deep.equal([]);
  });

  it('leaves out how to sample where the model thinks', () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const { payload, droppedParams } = requestOf({ thinking, temperature: 0.5, top_p: 0.5, top_k: 5 });
    expect(payload).to.not.have.any.keys('temperature', 'top_p', 'top_k');
    expect(droppedParams).to.have.members(['temperature', 'top_p', 'top_k']);
    expect(requestOf({ thinking, top_p: 0.97 }).payload).to.deep.include({ top_p: 0.97 });
    expect(requestOf({ thinking: { type: 'disabled' }, top_k: 5 }).payload).to.deep.include({ top_k: 5 });
  });

  it('is refused if it forces a model to call that cannot be forced', () => {
    const forced = { tools: [tool('f')], tool_choice: 'required' };
    for (const model of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1', 'anthropic/claude-mythos-5.2']) {
      expect(() => requestOf(forced, { model }), model)
        .to.throw(GatewayError, 'tool_choice should be auto or none for this model')
        .with.property('param', 'tool_choice');
      expect(requestOf({ ...forced, tool_choice: 'auto' }, { model }).payload.tool_choice).to.deep.equal({
        type: 'auto',
      });
    }
    for (const model of ['claude-opus-5', 'claude-haiku-5-5', 'claude-sonnet-4-5', 'claude-3-7-sonnet', 'kimi-k3']) {
      expect(requestOf(forced, { model }).payload.tool_choice, model).to.deep.equal({ type: 'any' });
    }
  });

  it('leaves room for an answer behind the thoughts, where the client set no limit', () => {
    const thinking = { type: 'enabled', budget_tokens: 8000 };
    expect(requestOf({ thinking }).payload.max_tokens).to.be.above(8000);
    expect(requestOf({ thinking, max_tokens: 8001 }).payload.max_tokens).to.equal(8001);
    expect(requestOf({ thinking: { type: 'enabled' } }).payload.max_tokens).to.equal(requestOf({}).payload.max_tokens);
  });

  it('forwards the thinking option', () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const request = requestOf({ thinking });
    expect(request.payload.thinking).to.deep.equal(thinking);
    expect(request.droppedParams).to.deep.equal([]);
    expect(requestOf({ thinking: {} }).payload.thinking).to.deep.equal({});
    expect(requestOf({ thinking: null }).payload).to.not.have.property('thinking');
  });
});
