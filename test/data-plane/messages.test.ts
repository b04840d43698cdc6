/**
 * Clients of Anthropic's Messages API, with its own official client, in front of Anthropic's API and of OpenAI's. What
 * goes to a target of their own dialect is the other side's bytes.
 */
import { text } from 'node:stream/consumers';
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Config } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { planeFixture } from './plane-fixture.ts';

interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pieces: readonly string[];
  /** The connection is closed behind the last piece, within the body. */
  readonly cut?: boolean;
}

const message = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', stop_reason: 'end_turn' },
  ...{ content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 2 } },
};
/** As a provider might write it: a number that no double holds, and spaces. */
const plain = JSON.stringify({ ...message, odd: 0 }, null, 1).replace('"odd": 0', '"odd": 9007199254740993');

const event = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const streamed = [
  event('message_start', { message: { ...message, content: [], stop_reason: null } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('ping'),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi' } }),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
  event('message_stop'),
];

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', model: 'gpt-4o', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const ask = { model: 'claude', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hello' }] };

describe('a client of messages', () => {
  const { provider, close } = planeFixture();
  const asked: Asked[] = [];
  let answer: Answer;
  let port: number;
  let plane: RunningPlane | null = null;

  beforeEach(async () => {
    asked.length = 0;
    answer = { pieces: [plain] };
    port = await provider(async (incoming, outgoing) => {
      asked.push({ path: incoming.url ?? '', headers: incoming.headers, body: await text(incoming) });
      const { status = 200, type = 'application/json', headers = {}, pieces, cut = false } = answer;
      outgoing.writeHead(status, { 'content-type': type, ...headers });
      for (const piece of pieces) outgoing.write(piece);
      if (cut) setTimeout(() => outgoing.destroy(), 20);
      else outgoing.end();
    });
  });
  afterEach(async () => {
    await plane?.close();
    plane = null;
    await close();
  });

  /** A data plane whose model `claude` has these targets, all at the one provider. */
  async function started(targets: readonly ('openai' | 'anthropic')[], server: Partial<Config['server']> = {}) {
    const config = testConfig({ openai: port, anthropic: port, server, retry: { attempts: 1 } });
    const [ofOpenai, ofAnthropic] = config.models['gpt-4']?.targets ?? [];
    const chosen = targets.flatMap((name) => (name === 'openai' ? ofOpenai : ofAnthropic) ?? []);
    plane = await startPlane({
      ...config,
      models: { claude: testModel('claude', chosen) },
    });
    const client = new Anthropic({ apiKey: 'key-of-client', baseURL: plane.url, maxRetries: 0 });
    return { url: plane.url, client, running: plane };
  }

  const post = (url: string, body: unknown, headers: Record<string, string> = {}, path = '/v1/messages') =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('reaches Anthropic with its own bytes and headers, and gets its own back', async () => {
    answer = { pieces: [plain], headers: { 'request-id': 'req_1', 'anthropic-ratelimit-tokens-remaining': '7' } };
    const { url, running } = await started(['anthropic']);
    const body = `{ "messages" : [{"role":"user","content":"é", "odd": 9007199254740993}],\n"model":"claude", "max_tokens": 9 }`;
    const headers = { 'x-api-key': 'key-of-client', 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a,b' };
    const response = await post(url, body, headers, '/v1/messages?beta=true');
    expect(await response.text()).to.equal(plain);
    expect(response.headers.get('request-id')).to.equal('req_1');
    expect(response.headers.get('anthropic-ratelimit-tokens-remaining')).to.equal('7');
    expect(asked[0]?.path).to.equal('/v1/messages');
    expect(asked[0]?.body).to.equal(body.replace('"claude"', '"claude-sonnet-4-5"'));
    expect(asked[0]?.headers).to.include({
      'x-api-key': 'key-of-anthropic',
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'a,b',
    });
    expect(asked[0]?.headers.authorization).to.equal(undefined);
    expect(running.count({ type: 'request-ended', endpoint: 'messages', status: 'success' })).to.equal(1);
    expect(running.count({ type: 'tokens' })).to.equal(1);
  });

  it('streams from Anthropic, pings too, byte for byte', async () => {
    answer = { type: 'text/event-stream', pieces: streamed };
    const { url, client } = await started(['anthropic']);
    const response = await post(url, { ...ask, stream: true });
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    expect(await response.text()).to.equal(streamed.join(''));
    const final = await client.messages.stream(ask).finalMessage();
    expect(final.content[0]).to.deep.include({ type: 'text', text: 'hi' });
  });

  it('gets an error of Anthropic byte for byte', async () => {
    const error = '{ "type": "error", "error": {"type":"invalid_request_error", "message":"messages: bad"} }';
    answer = { status: 400, pieces: [error] };
    const { url } = await started(['anthropic']);
    const response = await post(url, ask);
    expect([response.status, await response.text()]).to.deep.equal([400, error]);
  });

  it('gets errors of the gateway in the form of Anthropic, with the key in either header', async () => {
    const { url, client } = await started(['anthropic'], { keys: ['key-of-client'] });
    const refused = await post(url, ask);
    expect(refused.status).to.equal(401);
    expect(await refused.json()).to.deep.include({ type: 'error' });
    const wrong = new Anthropic({ apiKey: 'another', baseURL: url, maxRetries: 0 });
    const error = await wrong.messages.create(ask).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Anthropic.AuthenticationError).and.have.property('requestID').that.is.a('string');
    expect((await client.messages.create(ask)).content[0]).to.deep.include({ text: 'hi' });
    const bearer = await post(url, ask, { authorization: 'Bearer key-of-client' });
    expect(bearer.status).to.equal(200);
    const unlimited = await post(url, { model: 'claude', messages: ask.messages }, { 'x-api-key': 'key-of-client' });
    expect([unlimited.status, await unlimited.text()]).to.satisfy(
      ([status, body]: [number, string]) => status === 400 && body.includes('max_tokens'),
    );
  });

  it('is answered by targets of OpenAI, plain and streamed, tools too', async () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    answer = {
      pieces: [
        JSON.stringify({
          id: 'c',
          model: 'gpt-4o',
          choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
        }),
      ],
    };
    const { client } = await started(['openai']);
    const whole = await client.messages.create({ ...ask, system: 'Be brief.' });
    expect(whole).to.deep.include({ stop_reason: 'end_turn', model: 'gpt-4o' });
    expect(JSON.parse(asked[0]?.body ?? '')).to.deep.include({
      model: 'gpt-4',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    });
    expect(asked[0]).to.deep.include({ path: '/v1/chat/completions' });
    expect(asked[0]?.headers.authorization).to.equal('Bearer key-of-openai');
    answer = {
      type: 'text/event-stream',
      pieces: [
        chunk({ role: 'assistant', content: 'hi' }),
        chunk({ tool_calls: [call] }),
        chunk({}, 'tool_calls'),
        'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n',
        'data: [DONE]\n\n',
      ],
    };
    const final = await client.messages.stream(ask).finalMessage();
    expect(final.stop_reason).to.equal('tool_use');
    expect(final.content).to.have.length(2);
    expect(final.content[1]).to.deep.include({ type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } });
    expect(final.usage).to.include({ input_tokens: 3, output_tokens: 2 });
  });

  for (const [target, pieces] of [
    ['anthropic', streamed.slice(0, 4)],
    ['openai', [chunk({ role: 'assistant', content: 'hi' })]],
  ] as const) {
    it(`learns by an error event that a stream broke: ${target}`, async () => {
      answer = { type: 'text/event-stream', pieces, cut: true };
      const { client, url } = await started([target]);
      const error = await client.messages
        .stream(ask)
        .finalMessage()
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Anthropic.APIError);
      const response = await post(url, { ...ask, stream: true });
      const seen = await response.text().catch(() => 'cut');
      expect(seen).to.satisfy((body: string) => body === 'cut' || body.includes('event: error'));
    });
  }

  it('counts tokens at Anthropic; elsewhere there is no such endpoint', async () => {
    answer = { pieces: ['{"input_tokens": 14}'] };
    const { client, running } = await started(['anthropic']);
    const { model, messages } = ask;
    expect((await client.messages.countTokens({ model, messages })).input_tokens).to.equal(14);
    expect(asked[0]?.path).to.equal('/v1/messages/count_tokens');
    expect(running.count({ type: 'tokens' })).to.equal(0);
    const body = JSON.stringify({ model, messages, stream: true });
    const headers = { 'content-type': 'application/json' };
    const streaming = await fetch(`${running.url}/v1/messages/count_tokens`, { method: 'POST', headers, body });
    expect(await streaming.json()).to.deep.equal({ input_tokens: 14 });
    await plane?.close();
    const { client: other } = await started(['openai']);
    const error = await other.messages.countTokens({ model, messages }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Anthropic.NotFoundError);
  });

  it('goes on with a thread at the one target that keeps it, whatever others there are', async () => {
    const thread = { type: 'continue', previous_message_id: 'msg_1' };
    for (const targets of [['anthropic'], ['openai', 'anthropic']] as const) {
      const { url } = await started(targets);
      expect((await post(url, { ...ask, thread })).status).to.equal(200);
      expect(asked.at(-1)?.path).to.equal('/v1/messages');
      expect(JSON.parse(asked.at(-1)?.body ?? '').thread).to.deep.equal(thread);
      await plane?.close();
    }
    expect(asked).to.have.length(2);
    const { url } = await started(['openai']);
    const refused = await post(url, { ...ask, thread });
    expect([refused.status, (await refused.text()).includes('thread_not_found')]).to.deep.equal([404, true]);
    answer = { type: 'text/event-stream', pieces: [chunk({ content: 'hi' }), chunk({}, 'stop'), 'data: [DONE]\n\n'] };
    const begun = await post(url, { ...ask, thread: { type: 'create' }, stream: true });
    expect([begun.status, begun.headers.get('x-headgate-dropped-params')]).to.deep.equal([200, 'thread']);
  });

  it('begins a thread where none are kept, and is told to send all of it where one goes on', async () => {
    answer = { pieces: [JSON.stringify({ choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }] })] };
    const { url } = await started(['openai']);
    expect((await post(url, { ...ask, thread: { type: 'create' } })).status).to.equal(200);
    expect(JSON.parse(asked[0]?.body ?? '')).to.not.have.property('thread');
    const response = await post(url, { ...ask, thread: { type: 'continue', previous_message_id: 'msg_1' } });
    expect(response.status).to.equal(404);
    expect(await response.json()).to.have.nested.property('error.details.error_code', 'thread_not_found');
  });

  it('finds the models in its own form, and that there is an API', async () => {
    const { client, url } = await started(['anthropic']);
    const page = await client.models.list();
    expect(page.data.map(({ id, type }) => [id, type])).to.deep.equal([['claude', 'model']]);
    expect((await client.models.retrieve('claude')).display_name).to.equal('claude');
    expect((await fetch(`${url}/api/hello`, { method: 'HEAD' })).status).to.equal(200);
    for (const [method, path] of [
      ['GET', '/v1/messages'],
      ['POST', '/v1/messages/nothing'],
      ['GET', '/v1/models/unknown'],
    ] as const) {
      const lost = await fetch(url + path, { method, headers: { 'anthropic-version': '2023-06-01' } });
      expect(await lost.json(), path).to.deep.include({ type: 'error' });
    }
    const ofOpenai = (await (await fetch(`${url}/v1/models`)).json()) as { object: string };
    expect(ofOpenai.object).to.equal('list');
  });
});
