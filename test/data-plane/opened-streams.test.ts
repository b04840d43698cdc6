/**
 * Streams whose model thinks for long: the provider's own comments and pings keep the client's connection warm, before
 * the first content and after it, and another target may still answer. The provider moves the gateway's clock between what
 * it sends.
 */
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ManualClock } from '../helpers/manual-clock.ts';
import {
  chatRequest,
  connectTo,
  contentEvent,
  jsonHeaders,
  planeFixture,
  rawRequest,
  type Step,
  stepping,
} from './plane-fixture.ts';

const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const KEPT_WARM = ': keep-alive\n\n';

/** Takes these steps, and breaks the connection in the place of an end. */
function breaking(...steps: readonly Step[]): http.RequestListener {
  return (incoming, outgoing) => stepping(...steps, () => outgoing.destroy())(incoming, outgoing);
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

const COMMENT = ': PROCESSING\n\n';

/** What a client has got of its answer so far. */
class Received {
  text = '';
  readonly #waiting = new Set<() => void>();

  take(text: string): void {
    this.text += text;
    for (const look of this.#waiting) look();
  }

  /** Waits until `text` has come so many times. */
  async has(text: string, times = 1): Promise<void> {
    const enough = Promise.withResolvers<void>();
    const look = () => {
      if (this.text.split(text).length > times) enough.resolve();
    };
    this.#waiting.add(look);
    look();
    await enough.promise;
    this.#waiting.delete(look);
  }
}

describe('a stream whose model thinks', () => {
  const { mock, provider, start, close } = planeFixture();
  let clock: ManualClock;
  let received: Received;
  beforeEach(() => {
    clock = new ManualClock();
    received = new Received();
  });
  afterEach(close);

  const pass = (milliseconds: number) => () => clock.advance(milliseconds);
  const untilWarm = (times = 1) => {
    return () => received.has(KEPT_WARM, times);
  };
  /** Its provider thinks for a second, and the client hears of it. */
  const opening: readonly Step[] = [COMMENT, pass(1_000), COMMENT, untilWarm()];

  const asked = (url: string, fields: Record<string, unknown> = {}) =>
    answered(`${url}/v1/chat/completions`, chatRequest({ stream: true, ...fields }));

  /** The whole answer; `whole` is false where its body was cut. */
  async function answered(address: string, body: string, headers: http.OutgoingHttpHeaders = {}) {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const options = { method: 'POST', headers: { ...jsonHeaders, ...headers }, agent: false };
      const client = http.request(address, options, resolve);
      client.on('error', reject);
      client.end(body);
    });
    const whole = await new Promise<boolean>((resolve) => {
      response.on('data', (chunk: Buffer) => received.take(chunk.toString()));
      response.on('end', () => resolve(true));
      response.on('error', () => resolve(false));
    });
    return { status: response.statusCode, headers: response.headers, text: received.text, whole };
  }

  it('is opened by comments of its provider after a second, and has no content before the provider has', async () => {
    const openai = await provider(stepping(...opening, contentEvent, FINISH));
    const { url, count } = await start({ openai }, { clock });
    const { status, text, whole } = await asked(url);
    expect([status, whole]).to.deep.equal([200, true]);
    expect(text).to.equal(KEPT_WARM + contentEvent + FINISH);
    expect(count({ type: 'request-ended', status: 'success' })).to.equal(1);
    expect(count({ type: 'stream-opened', model: 'gpt-4' })).to.equal(1);
  });

  it('is not opened before a second', async () => {
    const openai = await provider(stepping(COMMENT, pass(500), COMMENT, pass(499), COMMENT, contentEvent, FINISH));
    const { url } = await start({ openai }, { clock });
    const { headers, text } = await asked(url);
    expect(text).to.equal(contentEvent + FINISH);
    // What only the provider that answers can say is in the head.
    expect(headers['openai-version']).to.equal('v');
    // To a proxy such as nginx: no event waits for those after it.
    expect(headers['x-accel-buffering']).to.equal('no');
    expect(headers['x-headgate-attempts']).to.equal('openai=200');
  });

  it('is not opened by a provider that says nothing', async () => {
    const openai = await provider(stepping(pass(3_000), contentEvent, FINISH));
    const { url } = await start({ openai }, { clock });
    const { headers, text } = await asked(url);
    expect(text).to.equal(contentEvent + FINISH);
    expect(headers['openai-version']).to.equal('v');
  });

  it('may still be answered by another target', async () => {
    const openai = await provider(breaking(...opening));
    const anthropic = await mock('anthropic');
    const options = { openai, anthropic: anthropic.port, retry: { attempts: 1 } };
    const { url, count } = await start(options, { clock });
    const { text, whole } = await asked(url);
    expect(whole).to.equal(true);
    expect(text).to.include('[DONE]').and.not.include('"error"');
    expect(count({ type: 'failover', from: 'openai', to: 'anthropic' })).to.equal(1);
    expect(count({ type: 'request-ended', status: 'success', provider: 'anthropic' })).to.equal(1);
  });

  it('is asked of another target after a time without content, though its provider is alive', async () => {
    const openai = await provider(stepping(...opening, pass(500), () => received.has('[DONE]')));
    const anthropic = await mock('anthropic');
    const options = { openai, anthropic: anthropic.port, timeouts: { moveOnMs: 1_500 } };
    const { url, count, logged } = await start(options, { clock });
    const { text, whole } = await asked(url);
    expect(whole).to.equal(true);
    expect(text).to.include('[DONE]');
    const { attempts } = JSON.parse(logged[0] ?? '') as { readonly attempts: string };
    expect(attempts).to.equal('openai=timeout-first_content(1500ms), anthropic=200');
    // Its comments showed that it works.
    expect(count({ type: 'attempt-ended', outcome: 'timeout_first_content', verdict: 'neutral' })).to.equal(1);
  });

  it('keeps its time where no other target can be used when that is over', async () => {
    const closing = () => view([{ provider: 'anthropic', model: null, state: 'open', remainingMs: 60_000 }]);
    const openai = await provider(stepping(closing, COMMENT, pass(2_000), COMMENT, contentEvent, FINISH));
    const anthropic = await mock('anthropic');
    const options = { openai, anthropic: anthropic.port, timeouts: { moveOnMs: 400 } };
    const { url, view } = await start(options, { clock });
    const { text, whole } = await asked(url);
    expect(whole).to.equal(true);
    expect(text).to.include(contentEvent);
  });

  it('ends by an error event in an unfinished body, and is counted as an error, where no target is left', async () => {
    const error = 'data: {"error":{"message":"too bad","type":"invalid_request_error","code":"x"}}\n\n';
    const openai = await provider(stepping(...opening, error));
    const { url, count } = await start({ openai, retry: { attempts: 1 } }, { clock });
    const { status, text, whole } = await asked(url);
    expect([status, whole]).to.deep.equal([200, false]);
    const [, event = ''] = /data: (\{.*\})\n\n$/.exec(text) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ message: 'too bad', type: 'invalid_request_error', code: 'x' });
    expect(count({ type: 'request-ended', status: 'error' })).to.equal(1);
  });

  it('is kept warm after its first content by pings that its client cannot be given', async () => {
    const delta = (text: string) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
    const anthropic = await provider(
      stepping(
        named('message_start', { message: { id: 'm', model: 'c', usage: { input_tokens: 1 } } }) +
          named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
          delta('hel'),
        () => received.has('hel'),
        ...[1, 2, 3].flatMap((times) => [pass(1_000), named('ping'), untilWarm(times)]),
        delta('lo') + named('content_block_stop', { index: 0 }),
        named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }) +
          named('message_stop'),
      ),
    );
    const openai = await provider((_, outgoing) => outgoing.writeHead(503).end());
    const { url } = await start({ openai, anthropic, retry: { attempts: 1 } }, { clock });
    const { text, whole } = await asked(url);
    expect(whole).to.equal(true);
    expect(text.split(KEPT_WARM)).to.have.length(4);
    expect(text.split(KEPT_WARM).at(-1)).to.include('"content":"lo"').and.include('[DONE]');
  });

  it('is opened by the clock, if its model asks for that', async () => {
    const pauses = [pass(1_000), untilWarm(1), pass(1_000), untilWarm(2), pass(999)];
    const openai = await provider(stepping(...pauses, contentEvent + FINISH));
    const { url } = await start({ openai, keepAliveAfterMs: 1_000 }, { clock });
    const { text, whole } = await asked(url);
    expect(whole).to.equal(true);
    expect(text).to.equal(KEPT_WARM + KEPT_WARM + contentEvent + FINISH);
  });

  it('ends by an error event, and is counted as an error, where its provider answers as a whole after all', async () => {
    const openai = await provider(async (_, outgoing) => {
      clock.advance(1_000);
      await received.has(KEPT_WARM);
      outgoing.writeHead(200, jsonHeaders).end('{"created":1,"data":[{"b64_json":"aGk="}],"usage":{"total_tokens":3}}');
    });
    const dialects = { openai: ['openai-images'] };
    const { url, count } = await start({ openai, dialects, keepAliveAfterMs: 1_000 }, { clock });
    const body = JSON.stringify({ model: 'gpt-4', stream: true, prompt: 'a cat' });
    const { status, text, whole } = await answered(`${url}/v1/images/generations`, body);
    expect([status, whole]).to.deep.equal([200, false]);
    const [, event = ''] = /data: (\{.*\})\n\n$/.exec(text) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ code: 'provider_error' });
    expect(count({ type: 'request-ended', status: 'error', code: 'provider_error' })).to.equal(1);
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  it('names in a comment what the target that answers does not take, where its head is sent before', async () => {
    const anthropic = await provider((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(messageEvents);
    });
    const openai = await provider(breaking(...opening));
    const { url } = await start({ openai, anthropic, retry: { attempts: 1 } }, { clock });
    const { headers, text, whole } = await asked(url, { seed: 7 });
    expect([whole, headers['x-headgate-dropped-params']]).to.deep.equal([true, undefined]);
    expect(text).to.include(': x-headgate-dropped-params: seed\n\n').and.to.include('"content":"hi"');
  });

  it('tells its client what the provider said, by its type, where it fails in the end', async () => {
    const anthropic = await provider(stepping(pass(1_000), () => received.has('event: ping'), overloaded));
    const failing = await provider((_, outgoing) => outgoing.writeHead(503).end());
    const options = { openai: failing, anthropic, keepAliveAfterMs: 1_000, retry: { attempts: 1 } };
    const { url, count } = await start({ ...options, dialects: { openai: ['openai-embeddings'] } }, { clock });
    const body = JSON.stringify({
      model: 'gpt-4',
      stream: true,
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const { text } = await answered(`${url}/v1/messages`, body);
    const [, event = ''] = /event: error\ndata: (\{.*\})\n\n$/.exec(text) ?? [];
    expect(JSON.parse(event).error).to.deep.include({ type: 'overloaded_error', message: 'Overloaded' });
    expect(count({ type: 'request-ended', status: 'error', code: 'provider_error' })).to.equal(1);
  });

  for (const [how, agent, warm] of [
    [
      'an event for Codex, since it does not wait longer for comments',
      'codex_exec/0.171.0',
      /^event: keepalive\ndata: \{"type":"keepalive",.*\}\n\n$/,
    ],
    ['a comment for other clients of responses', 'OpenAI/JS 7.57.0', /^: keep-alive\n\n$/],
  ] as const) {
    it(`is opened by ${how}`, async () => {
      const openai = await provider(stepping(pass(1_000), () => received.has('\n\n'), contentEvent + FINISH));
      const { url } = await start({ openai, keepAliveAfterMs: 1_000 }, { clock });
      const body = JSON.stringify({ model: 'gpt-4', input: 'Hello', stream: true });
      const { text, whole } = await answered(`${url}/v1/responses`, body, { 'user-agent': agent });
      expect(whole).to.equal(true);
      expect(text.slice(0, text.indexOf('\n\n') + 2)).to.match(warm);
    });
  }

  it('is not opened for a client without chunks, which would take a cut body for a whole one', async () => {
    const openai = await provider(stepping(COMMENT, pass(1_000), COMMENT));
    const { url } = await start({ openai, retry: { attempts: 1 } }, { clock });
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
