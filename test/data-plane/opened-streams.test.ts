/**
 * Streams whose model thinks for long: the provider's own comments and pings keep the client's connection warm, before
 * the first content and after it, and another target may still answer.
 */
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { chatRequest, connectTo, contentEvent, jsonHeaders, planeFixture, rawRequest } from './plane-fixture.ts';

const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const KEPT_WARM = ': keep-alive\n\n';

/** Sends each piece so long after the one before. */
function paced(everyMs: number, ...pieces: readonly string[]): http.RequestListener {
  return async (_, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'openai-version': 'v' });
    for (const piece of pieces) {
      outgoing.write(piece);
      await pause(everyMs);
    }
    outgoing.end();
  };
}

const named = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const messageEvents = [
  named('message_start', { message: { id: 'm', model: 'c', usage: { input_tokens: 1 } } }),
  named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi' } }),
  named('content_block_stop', { index: 0 }),
  named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
  named('message_stop'),
].join('');
const overloaded = named('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });

const thinking = Array.from({ length: 6 }, () => ': PROCESSING\n\n');

/** What came, in order, each with the time since the request in ms. */
async function timed(url: string, fields: Record<string, unknown> = {}) {
  return timedAnswer(`${url}/v1/chat/completions`, chatRequest({ stream: true, ...fields }));
}

async function timedAnswer(address: string, body: string, headers: http.OutgoingHttpHeaders = {}) {
  const beganMs = performance.now();
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const options = { method: 'POST', headers: { ...jsonHeaders, ...headers }, agent: false };
    const client = http.request(address, options, resolve);
    client.on('error', reject);
    client.end(body);
  });
  const headMs = performance.now() - beganMs;
  const pieces: { readonly text: string; readonly ms: number }[] = [];
  const whole = await new Promise<boolean>((resolve) => {
    response.on('data', (chunk: Buffer) => pieces.push({ text: chunk.toString(), ms: performance.now() - beganMs }));
    response.on('end', () => resolve(true));
    response.on('error', () => resolve(false));
  });
  return { status: response.statusCode, headers: response.headers, headMs, pieces, whole };
}

const all = (pieces: readonly { readonly text: string }[]) => pieces.map(({ text }) => text).join('');

describe('a stream whose model thinks', () => {
  const { mock, provider, start, close } = planeFixture();
  afterEach(close);

  it('is opened by comments of its provider after a second, and has no content before the provider has', async () => {
    const openai = await provider(paced(300, ...thinking, contentEvent, FINISH));
    const { url, count } = await start({ openai });
    const { status, pieces, headMs, whole } = await timed(url);
    expect([status, whole]).to.deep.equal([200, true]);
    expect(headMs).to.be.within(950, 1_700);
    expect(pieces[0]?.text).to.equal(KEPT_WARM);
    expect(all(pieces).replaceAll(KEPT_WARM, '')).to.equal(contentEvent + FINISH);
    expect(count({ type: 'request-ended', status: 'success' })).to.equal(1);
    expect(count({ type: 'stream-opened', model: 'gpt-4' })).to.equal(1);
  });

  it('is not opened by a provider that says nothing, nor before a second', async () => {
    const openai = await provider(paced(200, ...thinking.slice(0, 3), contentEvent, FINISH));
    const { url } = await start({ openai });
    const { headers, pieces } = await timed(url);
    expect(all(pieces)).to.equal(contentEvent + FINISH);
    // What only the provider that answers can say is in the head.
    expect(headers['openai-version']).to.equal('v');
    // To a proxy such as nginx: no event waits for those after it.
    expect(headers['x-accel-buffering']).to.equal('no');
    expect(headers['x-headgate-attempts']).to.equal('openai=200');
  });

  it('may still be answered by another target', async () => {
    const openai = await provider(async (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of thinking) {
        outgoing.write(piece);
        await pause(300);
      }
      outgoing.destroy();
    });
    const anthropic = await mock('anthropic');
    const { url, count } = await start({ openai, anthropic: anthropic.port, retry: { attempts: 1 } });
    const { pieces, whole } = await timed(url);
    expect(whole).to.equal(true);
    expect(all(pieces)).to.include('[DONE]').and.not.include('"error"');
    expect(count({ type: 'failover', from: 'openai', to: 'anthropic' })).to.equal(1);
    expect(count({ type: 'request-ended', status: 'success', provider: 'anthropic' })).to.equal(1);
  });

  it('is asked of another target after a time without content, though its provider is alive', async () => {
    const openai = await provider(paced(300, ...thinking, contentEvent, FINISH));
    const anthropic = await mock('anthropic');
    const { url, count } = await start({ openai, anthropic: anthropic.port, timeouts: { moveOnMs: 400 } });
    const { headers, pieces, whole } = await timed(url);
    expect(whole).to.equal(true);
    expect(headers['x-headgate-attempts']).to.match(/^openai=timeout-first_content\(4\d\dms\), anthropic=200$/);
    expect(all(pieces)).to.include('[DONE]');
    // Its comments showed that it works.
    expect(count({ type: 'attempt-ended', outcome: 'timeout_first_content', verdict: 'neutral' })).to.equal(1);
  });

  it('keeps its time where no other target can be used when that is over', async () => {
    const answer = paced(300, ...thinking, contentEvent, FINISH);
    const openai = await provider((incoming, outgoing) => {
      view([{ provider: 'anthropic', model: null, state: 'open', remainingMs: 60_000 }]);
      answer(incoming, outgoing);
    });
    const anthropic = await mock('anthropic');
    const { url, view } = await start({ openai, anthropic: anthropic.port, timeouts: { moveOnMs: 400 } });
    const { pieces, whole } = await timed(url);
    expect(whole).to.equal(true);
    expect(all(pieces)).to.include(contentEvent);
  });

  it('ends by an error event in an unfinished body, and is counted as an error, where no target is left', async () => {
    const openai = await provider(
      paced(300, ...thinking, 'data: {"error":{"message":"too bad","type":"invalid_request_error","code":"x"}}\n\n'),
    );
    const { url, count } = await start({ openai, retry: { attempts: 1 } });
    const { status, pieces, whole } = await timed(url);
    expect([status, whole]).to.deep.equal([200, false]);
    const [, event = ''] = /data: (\{.*\})\n\n$/.exec(all(pieces)) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ message: 'too bad', type: 'invalid_request_error', code: 'x' });
    expect(count({ type: 'request-ended', status: 'error' })).to.equal(1);
  });

  it('is kept warm after its first content by pings that its client cannot be given', async () => {
    const event = (type: string, fields: object = {}) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const delta = (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
    const anthropic = await provider(
      paced(
        400,
        event('message_start', { message: { id: 'm', model: 'c', usage: { input_tokens: 1 } } }) +
          event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
          delta('hel'),
        ...Array.from({ length: 6 }, () => event('ping')),
        delta('lo') + event('content_block_stop', { index: 0 }),
        event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }) +
          event('message_stop'),
      ),
    );
    const openai = await provider((_, outgoing) => outgoing.writeHead(503).end());
    const { url } = await start({ openai, anthropic, retry: { attempts: 1 } });
    const { pieces, whole } = await timed(url);
    expect(whole).to.equal(true);
    const silences = pieces.map(({ ms }, index) => ms - (pieces[index - 1]?.ms ?? 0));
    expect(Math.max(...silences)).to.be.below(2_000);
    expect(all(pieces)).to.include(KEPT_WARM);
  });

  it('is opened by the clock, if its model asks for that', async () => {
    const openai = await provider(async (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      await pause(2_500);
      outgoing.end(contentEvent + FINISH);
    });
    const { url } = await start({ openai, keepAliveAfterMs: 1_000 });
    const { pieces, headMs, whole } = await timed(url);
    expect(whole).to.equal(true);
    expect(headMs).to.be.within(950, 1_900);
    expect(all(pieces)).to.equal(KEPT_WARM + KEPT_WARM + contentEvent + FINISH);
  });

  it('ends by an error event, and is counted as an error, where its provider answers as a whole after all', async () => {
    const openai = await provider(async (_, outgoing) => {
      await pause(1_500);
      outgoing.writeHead(200, jsonHeaders).end('{"created":1,"data":[{"b64_json":"aGk="}],"usage":{"total_tokens":3}}');
    });
    const dialects = { openai: ['openai-images'] };
    const { url, count } = await start({ openai, dialects, keepAliveAfterMs: 1_000 });
    const asked = JSON.stringify({ model: 'gpt-4', stream: true, prompt: 'a cat' });
    const { status, pieces, whole } = await timedAnswer(`${url}/v1/images/generations`, asked);
    expect([status, whole]).to.deep.equal([200, false]);
    const [, event = ''] = /data: (\{.*\})\n\n$/.exec(all(pieces)) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ code: 'provider_error' });
    expect(count({ type: 'request-ended', status: 'error', code: 'provider_error' })).to.equal(1);
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  it('names in a comment what the target that answers does not take, where its head is sent before', async () => {
    const anthropic = await provider((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(messageEvents);
    });
    const openai = await provider(async (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of thinking) {
        outgoing.write(piece);
        await pause(300);
      }
      outgoing.destroy();
    });
    const { url } = await start({ openai, anthropic, retry: { attempts: 1 } });
    const { headers, pieces, whole } = await timed(url, { seed: 7 });
    expect([whole, headers['x-headgate-dropped-params']]).to.deep.equal([true, undefined]);
    expect(all(pieces)).to.include(': x-headgate-dropped-params: seed\n\n').and.to.include('"content":"hi"');
  });

  it('tells its client what the provider said, by its type, where it fails in the end', async () => {
    const anthropic = await provider((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      setTimeout(() => outgoing.end(overloaded), 1_500);
    });
    const failing = await provider((_, outgoing) => outgoing.writeHead(503).end());
    const options = { openai: failing, anthropic, keepAliveAfterMs: 1_000, retry: { attempts: 1 } };
    const { url, count } = await start({ ...options, dialects: { openai: ['openai-embeddings'] } });
    const asked = JSON.stringify({
      model: 'gpt-4',
      stream: true,
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const { pieces } = await timedAnswer(`${url}/v1/messages`, asked);
    const [, event = ''] = /event: error\ndata: (\{.*\})\n\n$/.exec(all(pieces)) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ type: 'overloaded_error', message: 'Overloaded' });
    expect(count({ type: 'request-ended', status: 'error', code: 'provider_error' })).to.equal(1);
  });

  it('is opened for Codex by an event, since it does not wait longer for comments', async () => {
    const openai = await provider(async (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      await pause(1_500);
      outgoing.end(contentEvent + FINISH);
    });
    const { url } = await start({ openai, keepAliveAfterMs: 1_000 });
    const body = JSON.stringify({ model: 'gpt-4', input: 'Hello', stream: true });
    const warmed = async (agent: string) => {
      const { pieces, whole } = await timedAnswer(`${url}/v1/responses`, body, { 'user-agent': agent });
      expect(whole).to.equal(true);
      return pieces[0]?.text;
    };
    const [codex, other] = await Promise.all([warmed('codex_exec/0.171.0'), warmed('OpenAI/JS 7.57.0')]);
    expect(codex).to.match(/^event: keepalive\ndata: \{"type":"keepalive",.*\}\n\n$/);
    expect(other).to.equal(KEPT_WARM);
  });

  it('is not opened for a client without chunks, which would take a cut body for a whole one', async () => {
    const openai = await provider(paced(300, ...thinking));
    const { url } = await start({ openai, retry: { attempts: 1 } });
    const socket = connectTo(url);
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    socket.write(rawRequest(chatRequest({ stream: true }), 'connection: close').replace('HTTP/1.1', 'HTTP/1.0'));
    await new Promise<void>((resolve) => socket.on('close', () => resolve()));
    expect(text).to.match(/^HTTP\/1\.1 502 /);
  });
});
