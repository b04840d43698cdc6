import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bodyFor, post, useMock } from '../running-mock.ts';

const weatherTool: Anthropic.Tool = {
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('the fake Anthropic provider', () => {
  const seen: string[] = [];
  const mock = useMock('anthropic', { observe: (request, body) => seen.push(`${request.url} ${body}`) });
  const client = () => new Anthropic({ baseURL: mock.url, apiKey: 'any', maxRetries: 0 });
  const ask = (content: string) => ({
    model: 'claude-test',
    max_tokens: 256,
    messages: [{ role: 'user' as const, content }],
  });

  it('answers the official client with an echo that names provider and model', async () => {
    const message = await client().messages.create(ask('Hi there'));
    const [block] = message.content;
    expect(block?.type === 'text' && block.text)
      .to.include('Hi there')
      .and.include('anthropic')
      .and.include('claude-test');
    expect(message.stop_reason).to.equal('end_turn');
    expect(message.usage.input_tokens).to.equal(2);
  });

  it('streams events that the official client joins to the same message', async () => {
    const whole = await client().messages.create(ask('stream 🙂 this'));
    const stream = client().messages.stream(ask('stream 🙂 this'));
    const { id, content, stop_reason, usage } = await stream.finalMessage();
    expect({ id, content, stop_reason }).to.deep.equal({
      id: whole.id,
      content: whole.content,
      stop_reason: whole.stop_reason,
    });
    expect(usage.output_tokens).to.equal(whole.usage.output_tokens);
  });

  it('sends its events in the dialect’s order, with a ping', async () => {
    mock.control.setShape({ chunks: 2 });
    const { text, headers } = await post(mock.port, 'anthropic', bodyFor('anthropic', { stream: true }));
    expect(headers.get('content-type')).to.include('text/event-stream');
    expect([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).to.deep.equal([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('calls a tool when the prompt asks for one, plain and streamed', async () => {
    const options = { ...ask('Use a tool, please'), tools: [weatherTool] };
    const plain = await client().messages.create(options);
    const streamed = await client().messages.stream(options).finalMessage();
    for (const message of [plain, streamed]) {
      const [block] = message.content;
      expect(block?.type === 'tool_use' && block.name).to.equal('weather');
      expect(block?.type === 'tool_use' && block.input).to.deep.equal({ city: 'example' });
      expect(message.stop_reason).to.equal('tool_use');
    }
  });

  it('answers with text after the tool’s result', async () => {
    const message = await client().messages.create({
      ...ask('use a tool'),
      tools: [weatherTool],
      messages: [
        { role: 'user', content: 'use a tool' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] },
      ],
    });
    expect(message.stop_reason).to.equal('end_turn');
  });

  it('stops at the token limit', async () => {
    const message = await client().messages.create({ ...ask('hi'), max_tokens: 2 });
    expect(message.stop_reason).to.equal('max_tokens');
    expect(message.usage.output_tokens).to.equal(2);
  });

  it('lists models', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).to.include('claude-sonnet-4-5');
  });

  it('refuses a version header that is missing or wrong', async () => {
    const wrong = await post(mock.port, 'anthropic', bodyFor('anthropic'), { 'anthropic-version': '2020-01-01' });
    expect(wrong.status).to.equal(400);
    const missing = await fetch(`${mock.url}/v1/messages`, { method: 'POST', body: bodyFor('anthropic') });
    expect(missing.status).to.equal(400);
    expect(await missing.text()).to.include('anthropic-version: header is required');
  });

  it('refuses a request of more than 32 MB', async () => {
    const { status, text } = await post(mock.port, 'anthropic', ' '.repeat(32 * 1024 * 1024 + 1));
    expect(status).to.equal(413);
    expect(text).to.include('request_too_large');
  });

  it('passes each request unchanged to its observer', async () => {
    await post(mock.port, 'anthropic', '{"odd":1}');
    expect(seen.at(-1)).to.equal('/v1/messages {"odd":1}');
  });

  it('accepts sampling parameters only in the version that has them', async () => {
    const body = bodyFor('anthropic', { temperature: 0.5 });
    expect((await post(mock.port, 'anthropic', body)).status).to.equal(200);
    const newer = await post(mock.port, 'anthropic', body, { 'anthropic-version': '2026-10-21' });
    expect(newer.status).to.equal(400);
    expect(newer.text).to.include('temperature');
  });

  it('counts the tokens of a request that has no limit', async () => {
    const { max_tokens: _limit, ...rest } = ask('Hi there');
    expect((await client().messages.countTokens(rest)).input_tokens).to.equal(2);
    const refusal = await client()
      .messages.countTokens(ask('Hi there'))
      .catch((error: unknown) => error);
    expect(String(refusal)).to.include('max_tokens: Extra inputs are not permitted');
  });

  const refused: readonly [name: string, body: string, message: RegExp][] = [
    ['a body that is not JSON', 'model=claude', /not JSON/],
    ['no max_tokens', bodyFor('anthropic', { max_tokens: undefined }), /^max_tokens: Field required$/],
    ['no messages', bodyFor('anthropic', { messages: undefined }), /^messages: Field required$/],
    ['a field of another dialect', bodyFor('anthropic', { n: 1 }), /^n: Extra inputs/],
    [
      'a system role',
      bodyFor('anthropic', { messages: [{ role: 'system', content: 'x' }] }),
      /Unexpected role "system"/,
    ],
    [
      'a blank text',
      bodyFor('anthropic', { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }),
      /text/,
    ],
    ['a temperature over 1', bodyFor('anthropic', { temperature: 1.5 }), /temperature/],
    ['a tool without a schema', bodyFor('anthropic', { tools: [{ name: 'x' }] }), /input_schema/],
    ['a tool choice of another dialect', bodyFor('anthropic', { tool_choice: 'required' }), /tool_choice/],
  ];
  for (const [name, body, message] of refused) {
    it(`refuses ${name}`, async () => {
      const { status, text } = await post(mock.port, 'anthropic', body);
      expect(status).to.equal(400);
      expect(JSON.parse(text)).to.have.property('type', 'error');
      expect(JSON.parse(text).error).to.include({ type: 'invalid_request_error' });
      expect(JSON.parse(text).error.message).to.match(message);
    });
  }
});
