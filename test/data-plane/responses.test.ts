/** POST /v1/responses over sockets: in front of targets of other dialects, whole, streamed and broken off. */
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import OpenAI, { AuthenticationError } from 'openai';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { contentEvent, errorOf, jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const asked = { model: 'gpt-4', input: 'Hello' };

/** The official client, which asks once. */
function clientOf(url: string, apiKey = 'key'): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}

interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Whether the last chunk came. */
  readonly whole: boolean;
}

function request(url: string, options: http.RequestOptions, body = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const client = http.request(url, { agent: false, ...options }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
      });
      const end = () => resolve({ status: answer.statusCode ?? 0, text, whole: answer.complete });
      answer.on('end', end);
      answer.on('error', end);
    });
    client.on('error', reject);
    client.end(body);
  });
}

const streamOf = (url: string) =>
  request(`${url}/v1/responses`, { method: 'POST', headers: jsonHeaders }, JSON.stringify({ ...asked, stream: true }));

describe('the endpoint of responses', () => {
  const { mock, provider, start, close } = planeFixture();
  afterEach(close);

  for (const dialect of ['openai', 'anthropic'] as const) {
    it(`answers the official client in front of ${dialect}, whole and streamed, counted as its own`, async () => {
      const target = await mock(dialect);
      const options = dialect === 'openai' ? { openai: target.port } : { openai: 1, anthropic: target.port };
      const { url, count } = await start(options);
      const { responses } = clientOf(url);
      const whole = await responses.create({ ...asked, instructions: 'Be brief.' });
      expect(whole).to.deep.include({ status: 'completed', instructions: 'Be brief.' });
      expect(whole.output_text).to.not.equal('');
      expect(whole.usage?.output_tokens).to.be.greaterThan(0);
      const streamed = await responses.stream(asked).finalResponse();
      expect(streamed.status).to.equal('completed');
      expect(streamed.output_text).to.not.equal('');
      expect(streamed.usage?.output_tokens).to.be.greaterThan(0);
      expect(count({ type: 'request-ended', status: 'success', endpoint: 'responses' })).to.equal(2);
    });
  }

  const faults: readonly FaultInput[] = [
    { kind: 'cut', afterChunks: 2 },
    { kind: 'cut', afterChunks: 2, how: 'rst' },
    { kind: 'stall', afterChunks: 2 },
    { kind: 'error-in-stream', afterChunks: 2 },
  ];
  for (const fault of faults) {
    it(`ends a broken stream with a failed response, and its body as it should: ${JSON.stringify(fault)}`, async () => {
      const openai = await mock('openai');
      const { url, count } = await start({
        openai: openai.port,
        timeouts: fault.kind === 'stall' ? { stallMs: 100 } : {},
      });
      openai.control.setFault(fault);
      const { status, text, whole } = await streamOf(url);
      expect([status, whole]).to.deep.equal([200, true]);
      const events = text.split('\n\n').filter((event) => event !== '');
      const payloads = events.map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 'data: '.length)));
      const { type, response } = payloads.at(-1);
      expect([type, response.status, response.error.code]).to.deep.equal(['response.failed', 'failed', 'server_error']);
      expect(response.id).to.equal(payloads[0].response.id);
      expect(response.output[0].content[0].text).to.not.equal('');
      expect(payloads.map(({ sequence_number }) => sequence_number)).to.deep.equal([...payloads.keys()]);
      expect(count({ type: 'request-ended', status: 'error', endpoint: 'responses' })).to.equal(1);
    });
  }

  it('gives the official client of a broken stream the response that failed', async () => {
    const openai = await mock('openai');
    const { url } = await start({ openai: openai.port });
    openai.control.setFault({ kind: 'cut', afterChunks: 2 });
    const response = await clientOf(url).responses.stream(asked).finalResponse();
    expect(response.status).to.equal('failed');
    expect(response.error?.message).to.include('stopped its answer before the end');
  });

  it('fails for the official client where the stream was opened, and nothing of an answer came', async () => {
    const openai = await mock('openai');
    const clock = new ManualClock();
    const timeouts = { firstContentMs: 1_500, totalMs: 1_600 };
    const { url, count } = await start({ openai: openai.port, timeouts }, { clock });
    openai.control.setFault({ kind: 'stall', afterChunks: 0, commentMs: 10 });
    const ended = clientOf(url).responses.stream(asked).finalResponse();
    await eventually('its provider is asked', () => openai.control.stats().inFlight === 1);
    clock.advance(1_000);
    await eventually('it is opened', () => count({ type: 'stream-opened' }) === 1);
    clock.advance(600);
    const response = await ended;
    expect([response.status, response.output]).to.deep.equal(['failed', []]);
  });

  it('keeps the connection for further requests behind a broken stream', async () => {
    let requests = 0;
    const port = await provider((_request, outgoing) => {
      requests += 1;
      if (requests > 1) return outgoing.writeHead(200, jsonHeaders).end(plainAnswer);
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(contentEvent);
      return setImmediate(() => outgoing.destroy());
    });
    const { url } = await start({ openai: port });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const post = (body: object) =>
      request(`${url}/v1/responses`, { method: 'POST', headers: jsonHeaders, agent }, JSON.stringify(body));
    const broken = await post({ ...asked, stream: true });
    expect(broken.text).to.include('event: response.failed\n');
    const { status, text } = await post(asked);
    expect([status, JSON.parse(text).output[0].content[0].text]).to.deep.equal([200, 'hi']);
    agent.destroy();
  });

  it('collects a stream, and splits a whole answer, for a client that asked for the other', async () => {
    const streams = await provider((_request, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
      outgoing.end(`${contentEvent}${finish}data: [DONE]\n\n`);
    });
    const one = await start({ openai: streams });
    expect((await clientOf(one.url).responses.create(asked)).output_text).to.equal('x');
    const plain = await provider((_request, outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer));
    const other = await start({ openai: plain });
    expect((await clientOf(other.url).responses.stream(asked).finalResponse()).output_text).to.equal('hi');
  });

  it('passes on a stream that repeats long instructions before its answer, and blames nobody', async () => {
    const instructions = 'x'.repeat(700_000);
    const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const begun = { id: 'resp_1', object: 'response', status: 'in_progress', instructions, output: [] };
    const events = [
      event('response.created', { response: begun }),
      event('response.in_progress', { response: begun }),
      event('response.output_text.delta', { item_id: 'msg_1', delta: 'Hi' }),
      event('response.completed', { response: { ...begun, status: 'completed' } }),
    ];
    const openai = await provider((_request, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const each of events) outgoing.write(each);
      outgoing.end();
    });
    const { url, count } = await start({ openai, dialects: { openai: ['openai-responses'] } });
    const body = JSON.stringify({ ...asked, instructions, stream: true });
    const { text } = await request(`${url}/v1/responses`, { method: 'POST', headers: jsonHeaders }, body);
    expect(text === events.join('')).to.equal(true);
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  it("has OpenAI's envelope for errors, before any answer", async () => {
    const openai = await mock('openai');
    const { url } = await start({ openai: openai.port, server: { keys: ['client-key'] } });
    const refused = await clientOf(url, 'wrong')
      .responses.create(asked)
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(AuthenticationError).and.to.include({ code: 'invalid_api_key' });
    const { responses } = clientOf(url, 'client-key');
    expect((await responses.create(asked)).status).to.equal('completed');
    const stateful = await responses
      .create({ ...asked, previous_response_id: 'resp_1' })
      .catch((error: unknown) => error);
    expect(stateful).to.deep.include({ status: 400, code: 'previous_response_not_found' });
    const hosted = await responses
      .create({ ...asked, tools: [{ type: 'web_search' }] })
      .catch((error: unknown) => error);
    expect(hosted).to.deep.include({ status: 400, code: 'unsupported_parameter', param: 'tools[0]' });
  });

  it('sends those that try a WebSocket on to HTTP', async () => {
    const { url } = await start({ openai: 1 });
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-version': '13',
    };
    const { status, text } = await request(`${url}/v1/responses`, { headers });
    expect([status, JSON.parse(text).error.code]).to.deep.equal([426, 'websocket_not_supported']);
    expect((await fetch(`${url}/v1/responses`)).status).to.equal(405);
  });

  it('keeps no responses, and says so at once', async () => {
    const { url } = await start({ openai: 1 });
    const stored = `${url}/v1/responses/resp_1`;
    for (const [method, address] of [
      ['GET', stored],
      ['GET', `${stored}/input_items`],
      ['DELETE', stored],
      ['POST', `${stored}/cancel`],
    ] as const) {
      const answer = await fetch(address, { method });
      expect([answer.status, (await errorOf(answer)).code], method).to.deep.equal([404, 'response_not_found']);
    }
  });
});
