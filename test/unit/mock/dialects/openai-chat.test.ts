import { expect } from 'chai';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import { bodyFor, post, useMock } from '../running-mock.ts';

const weatherTool = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' }, unit: { enum: ['C', 'F'] }, note: {} },
      required: ['city', 'days', 'unit'],
    },
  },
} as const;

describe('the fake OpenAI provider', () => {
  const mock = useMock('openai', { responseHeaders: { 'x-headgate-demo': '1' } });
  const client = () => new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'any', maxRetries: 0 });
  const ask = (content: string) => ({ model: 'gpt-4', messages: [{ role: 'user' as const, content }] });

  it('answers the official client with an echo that names provider and model', async () => {
    const completion = await client().chat.completions.create(ask('Hi there'));
    expect(completion.choices[0]?.message.content).to.include('Hi there').and.include('openai').and.include('gpt-4');
    expect(completion.choices[0]?.finish_reason).to.equal('stop');
    expect(completion.usage?.total_tokens).to.be.greaterThan(2);
  });

  it('sends the same bytes for the same request, and the given headers with every answer', async () => {
    const first = await post(mock.port, 'openai', bodyFor('openai'));
    const second = await post(mock.port, 'openai', bodyFor('openai'));
    expect(second.text).to.equal(first.text);
    expect(second.headers.get('x-headgate-demo')).to.equal('1');
    expect(second.headers.get('x-request-id')).to.not.equal(first.headers.get('x-request-id'));
  });

  it('streams the same text in the shape’s number of pieces, after the role', async () => {
    const whole = (await client().chat.completions.create(ask('stream 🙂 this'))).choices[0]?.message.content;
    mock.control.setShape({ chunks: 5 });
    const chunks = [];
    for await (const chunk of await client().chat.completions.create({ ...ask('stream 🙂 this'), stream: true })) {
      chunks.push(chunk);
    }
    expect(chunks[0]?.choices[0]?.delta).to.include({ role: 'assistant', content: '' });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).to.equal(whole);
    expect(chunks).to.have.length(1 + 5 + 1);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).to.equal('stop');
    expect(chunks.every((chunk) => chunk.usage === undefined)).to.equal(true);
  });

  it('sends usage in a separate chunk if the request asks for it', async () => {
    const options = { ...ask('hi'), stream: true, stream_options: { include_usage: true } } as const;
    const chunks = [];
    for await (const chunk of await client().chat.completions.create(options)) chunks.push(chunk);
    expect(chunks.at(-1)?.choices).to.deep.equal([]);
    expect(chunks.at(-1)?.usage?.completion_tokens).to.be.greaterThan(0);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).to.equal(true);
  });

  it('calls a tool when the prompt asks for one, with arguments that fit its schema', async () => {
    const completion = await client().chat.completions.create({ ...ask('Please use a tool'), tools: [weatherTool] });
    const call = completion.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).to.deep.equal({
      city: 'example',
      days: 1,
      unit: 'C',
    });
    expect(completion.choices[0]?.finish_reason).to.equal('tool_calls');
    expect(completion.choices[0]?.message.content).to.equal(null);
  });

  it('streams a tool call that the official client can join', async () => {
    const stream = client().chat.completions.stream({ ...ask('hi'), tools: [weatherTool], tool_choice: 'required' });
    const message = await stream.finalMessage();
    const call = message.tool_calls?.[0];
    expect(call?.type === 'function' && call.function.name).to.equal('weather');
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).to.include({ city: 'example' });
  });

  it('answers with text after the tool’s result', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } } as const;
    const completion = await client().chat.completions.create({
      model: 'gpt-4',
      tools: [weatherTool],
      messages: [
        { role: 'user', content: 'use a tool' },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      ],
    });
    expect(completion.choices[0]?.finish_reason).to.equal('stop');
  });

  it('stops at the token limit', async () => {
    const completion = await client().chat.completions.create({ ...ask('hi'), max_completion_tokens: 2 });
    expect(completion.choices[0]?.finish_reason).to.equal('length');
    expect(completion.usage?.completion_tokens).to.equal(2);
  });

  it('lists models and serves the path without /v1', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).to.include('gpt-4');
    const short = new OpenAI({ baseURL: mock.url, apiKey: 'any', maxRetries: 0 });
    const completion = await short.chat.completions.create(ask('hi'));
    expect(completion.object).to.equal('chat.completion');
  });

  const refused: readonly [name: string, body: string, message: RegExp][] = [
    ['a body that is not JSON', '{"model":', /not JSON/],
    ['a body that is no object', '[]', /object/],
    ['no model', bodyFor('openai', { model: undefined }), /model/],
    ['no messages', bodyFor('openai', { messages: undefined }), /'messages'/],
    ['empty messages', bodyFor('openai', { messages: [] }), /empty array/],
    ['a role that does not exist', bodyFor('openai', { messages: [{ role: 'robot', content: 'x' }] }), /role/],
    [
      'a tool result without its call',
      bodyFor('openai', { messages: [{ role: 'tool', content: '' }] }),
      /tool_call_id/,
    ],
    ['stream options without a stream', bodyFor('openai', { stream_options: {} }), /only allowed when 'stream'/],
    ['a token limit of 0', bodyFor('openai', { max_tokens: 0 }), /max_tokens/],
    ['a tool without a name', bodyFor('openai', { tools: [{ type: 'function' }] }), /tools\[0\]/],
  ];
  for (const [name, body, message] of refused) {
    it(`refuses ${name}`, async () => {
      const { status, text } = await post(mock.port, 'openai', body);
      expect(status).to.equal(400);
      expect(JSON.parse(text).error).to.have.all.keys('message', 'type', 'param', 'code');
      expect(JSON.parse(text).error.message).to.match(message);
    });
  }

  it('answers 404 on other routes', async () => {
    const response = await fetch(`${mock.url}/v1/nothing`, { method: 'POST', body: '{}' });
    expect(response.status).to.equal(404);
    expect(await response.text()).to.include('/v1/nothing');
  });
});
