import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import { bodyFor, eventually, post, rawPost, useMock } from './running-mock.ts';

const contentMark = { openai: '"delta":{"content":', anthropic: '"type":"text_delta"' } as const;
const terminal = { openai: 'data: [DONE]', anthropic: 'event: message_stop' } as const;
/** The last chunk of a chunked body: an answer without it was not finished. */
const lastChunk = '\r\n0\r\n\r\n';
const countOf = (text: string, mark: string) => text.split(mark).length - 1;

for (const dialect of ['openai', 'anthropic'] as const) {
  describe(`faults of the fake ${dialect} provider`, () => {
    const mock = useMock(dialect);
    const plain = bodyFor(dialect);
    const stream = bodyFor(dialect, { stream: true });
    const contents = (text: string) => countOf(text, contentMark[dialect]);

    it('status answers in the dialect’s own form, with Retry-After', async () => {
      mock.control.setFault({ kind: 'status', status: 429, retryAfter: 7 });
      const { status, headers, text } = await post(mock.port, dialect, plain);
      expect(status).to.equal(429);
      expect(headers.get('retry-after')).to.equal('7');
      expect(JSON.parse(text).error.message).to.be.a('string');
    });

    it('status sends a given body and given headers', async () => {
      mock.control.setFault({ kind: 'status', status: 503, body: '<html>', headers: { 'retry-after-ms': '15' } });
      const text = await post(mock.port, dialect, stream);
      expect([text.status, text.text, text.headers.get('retry-after-ms')]).to.deep.equal([503, '<html>', '15']);
      mock.control.setFault({ kind: 'status', status: 403, body: { error: { code: 'no' } } });
      const object = await post(mock.port, dialect, plain);
      expect(JSON.parse(object.text)).to.deep.equal({ error: { code: 'no' } });
    });

    it('hang reads the request and sends nothing until the client leaves', async () => {
      mock.control.setFault({ kind: 'hang' });
      const request = rawPost(mock.port, dialect, plain);
      await eventually(() => mock.control.stats().byModel['some-model'] === 1);
      expect(mock.control.stats()).to.include({ inFlight: 1, aborted: 0 });
      expect(request.text()).to.equal('');
      request.socket.destroy();
      await eventually(() => mock.control.stats().inFlight === 0);
      expect(mock.control.stats().aborted).to.equal(1);
    });

    it('reset sends a real RST, and the request does not count as aborted', async () => {
      mock.control.setFault({ kind: 'reset' });
      expect(await rawPost(mock.port, dialect, plain).ended).to.deep.equal({ text: '', errorCode: 'ECONNRESET' });
      expect(mock.control.stats()).to.include({ inFlight: 0, aborted: 0 });
    });

    it('slow-headers delays the whole answer', async () => {
      mock.control.setFault({ kind: 'slow-headers', ms: 60 });
      const startedAt = performance.now();
      const { status, text } = await post(mock.port, dialect, stream);
      expect(performance.now() - startedAt).to.be.greaterThan(55);
      expect(status).to.equal(200);
      expect(text).to.include(terminal[dialect]);
    });

    it('slow-first-content sends the role event immediately and the content late', async () => {
      mock.control.setFault({ kind: 'slow-first-content', ms: 3_600_000, times: 1 });
      const waiting = rawPost(mock.port, dialect, stream);
      await eventually(() => waiting.text().includes('"role":"assistant"'));
      expect(contents(waiting.text())).to.equal(0);
      waiting.socket.destroy();
      mock.control.setFault({ kind: 'slow-first-content', ms: 20 });
      expect((await post(mock.port, dialect, stream)).text).to.include(terminal[dialect]);
      expect((await post(mock.port, dialect, plain)).status).to.equal(200);
    });

    it('stall stops sending after the given number of chunks and keeps the connection open', async () => {
      mock.control.setFault({ kind: 'stall', afterChunks: 3 });
      const request = rawPost(mock.port, dialect, stream);
      await eventually(() => contents(request.text()) === 3);
      expect(request.text()).to.not.include(terminal[dialect]);
      expect(mock.control.stats().inFlight).to.equal(1);
      request.socket.destroy();
      await eventually(() => mock.control.stats().aborted === 1);
    });

    for (const [how, errorCode] of [
      ['fin', null],
      ['rst', 'ECONNRESET'],
    ] as const) {
      it(`cut ends the connection with ${how} after the given number of chunks`, async () => {
        mock.control.setFault({ kind: 'cut', afterChunks: 2, how });
        const reply = await rawPost(mock.port, dialect, stream).ended;
        expect(reply.errorCode).to.equal(errorCode);
        expect(contents(reply.text)).to.equal(2);
        expect(reply.text).to.not.include(terminal[dialect]).and.not.include(lastChunk);
        expect(mock.control.stats()).to.include({ inFlight: 0, aborted: 0 });
      });
    }

    it('cut ends a plain answer in the middle', async () => {
      mock.control.setFault({ kind: 'cut' });
      const { text } = await rawPost(mock.port, dialect, plain).ended;
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      expect(body).to.have.length(Math.floor(promised / 2));
    });

    it('a fault after more chunks than there are occurs before the finish', async () => {
      mock.control.setFault({ kind: 'cut', afterChunks: 1_000 });
      const { text } = await rawPost(mock.port, dialect, stream).ended;
      expect(contents(text)).to.equal(8);
      expect(text).to.not.match(/"finish_reason":"stop"|message_delta/);
    });

    it('bad-chunk sends one unreadable event among the good ones', async () => {
      mock.control.setFault({ kind: 'bad-chunk', afterChunks: 2 });
      const { text } = await post(mock.port, dialect, stream);
      const unreadable = [...text.matchAll(/^data: (.*)$/gm)].filter(([, data = '']) => !isJson(data));
      expect(unreadable.map(([, data]) => data).filter((data) => data !== '[DONE]')).to.have.length(1);
      expect(text).to.include(terminal[dialect]);
      expect(contents(text)).to.equal(8);
    });

    it('error-in-stream ends the stream with the dialect’s error event', async () => {
      mock.control.setFault({ kind: 'error-in-stream', afterChunks: 1 });
      const { text } = await post(mock.port, dialect, stream);
      expect(contents(text)).to.equal(1);
      expect(text.trimEnd().split('\n').at(-1)).to.match(/^data: \{.*"error":\{/);
      mock.control.setFault({ kind: 'error-in-stream', afterChunks: 0 });
      expect(contents((await post(mock.port, dialect, stream)).text)).to.equal(0);
      expect((await post(mock.port, dialect, plain)).status).to.equal(dialect === 'openai' ? 500 : 529);
    });

    it('empty sends a well-formed answer without content', async () => {
      mock.control.setFault({ kind: 'empty' });
      const { text } = await post(mock.port, dialect, stream);
      expect(contents(text)).to.equal(0);
      expect(text).to.include(terminal[dialect]);
      const whole = JSON.parse((await post(mock.port, dialect, plain)).text);
      expect(dialect === 'openai' ? whole.choices[0].message.content : whole.content).to.be.empty;
    });

    it('bad-json is a whole 200 that cannot be parsed', async () => {
      mock.control.setFault({ kind: 'bad-json' });
      const { status, headers, text } = await post(mock.port, dialect, plain);
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('application/json');
      expect(isJson(text)).to.equal(false);
    });

    it('end-early ends the answer in the middle as if it were whole', async () => {
      mock.control.setFault({ kind: 'end-early', afterChunks: 2 });
      const { text, errorCode } = await rawPost(mock.port, dialect, stream).ended;
      expect([contents(text), text.includes(lastChunk), errorCode]).to.deep.equal([2, true, null]);
      expect(text)
        .to.not.include(terminal[dialect])
        .and.not.match(/"finish_reason":"stop"|message_delta/);
      const whole = await post(mock.port, dialect, plain);
      expect([whole.status, isJson(whole.text)]).to.deep.equal([200, false]);
    });

    it('finish-then-no-end sends all but the terminal', async () => {
      mock.control.setFault({ kind: 'finish-then-no-end' });
      const { text } = await rawPost(mock.port, dialect, stream).ended;
      expect(contents(text)).to.equal(8);
      expect(text)
        .to.match(/"finish_reason":"stop"|message_delta/)
        .and.not.include(terminal[dialect]);
      expect(isJson((await post(mock.port, dialect, plain)).text)).to.equal(true);
      mock.control.setFault({ kind: 'finish-then-no-end', how: 'stall' });
      const waiting = rawPost(mock.port, dialect, stream);
      await eventually(() => /"finish_reason":"stop"|message_delta/.test(waiting.text()));
      expect(waiting.text()).to.not.include(lastChunk);
      waiting.socket.destroy();
    });

    it('linger sends the whole answer and does not end it', async () => {
      mock.control.setFault({ kind: 'linger' });
      for (const [body, end] of [
        [stream, terminal[dialect]],
        [plain, '}'],
      ] as const) {
        const waiting = rawPost(mock.port, dialect, body);
        await eventually(() => waiting.text().includes(end));
        expect(waiting.text()).to.not.include(lastChunk);
        waiting.socket.destroy();
      }
    });

    it('stall goes on with comments if it is told to', async () => {
      mock.control.setFault({ kind: 'stall', afterChunks: 1, commentMs: 1 });
      const request = rawPost(mock.port, dialect, stream);
      await eventually(() => countOf(request.text(), ': still here') > 2);
      expect(contents(request.text())).to.equal(1);
      request.socket.destroy();
    });

    it('html sends a page', async () => {
      mock.control.setFault({ kind: 'html', status: 200 });
      const { status, headers, text } = await post(mock.port, dialect, stream);
      expect([status, headers.get('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8']);
      expect(text).to.match(/^<!DOCTYPE html>/);
    });

    it('gzip packs the answer, or only says so', async () => {
      const healthy = await post(mock.port, dialect, stream);
      mock.control.setFault({ kind: 'gzip', times: 1 });
      const packed = await post(mock.port, dialect, stream);
      expect([packed.headers.get('content-encoding'), packed.text]).to.deep.equal(['gzip', healthy.text]);
      mock.control.setFault({ kind: 'gzip', how: 'label' });
      expect(await rawPost(mock.port, dialect, stream).ended)
        .to.have.property('text')
        .that.includes(terminal[dialect]);
    });

    it('wrong-type, other-form and split send the whole answer in another way', async () => {
      const [whole, streamed] = [await post(mock.port, dialect, plain), await post(mock.port, dialect, stream)];
      mock.control.setFault({ kind: 'wrong-type' });
      const mislabelled = await post(mock.port, dialect, plain);
      expect([mislabelled.headers.get('content-type'), mislabelled.text]).to.deep.equal([
        'text/event-stream; charset=utf-8',
        whole.text,
      ]);
      mock.control.setFault({ kind: 'other-form' });
      expect((await post(mock.port, dialect, stream)).text).to.equal(whole.text);
      expect((await post(mock.port, dialect, plain)).text).to.include(terminal[dialect]);
      mock.control.setFault({ kind: 'split' });
      expect((await post(mock.port, dialect, stream)).text).to.equal(streamed.text);
      expect((await post(mock.port, dialect, plain)).text).to.equal(whole.text);
    });

    it('a fault ends after its number of times', async () => {
      mock.control.setFault({ kind: 'status', status: 500, times: 2 });
      const statuses = [];
      for (let request = 0; request < 3; request += 1) statuses.push((await post(mock.port, dialect, plain)).status);
      expect(statuses).to.deep.equal([500, 500, 200]);
      expect(mock.control.faults()).to.deep.equal([]);
    });

    it('a fault of one model does not affect other models, and wins over a fault of all models', async () => {
      const other = bodyFor(dialect, { model: 'other-model' });
      mock.control.setFault({ kind: 'status', status: 503, model: 'some-model' });
      expect((await post(mock.port, dialect, plain)).status).to.equal(503);
      expect((await post(mock.port, dialect, other)).status).to.equal(200);
      mock.control.setFault({ kind: 'status', status: 500 });
      expect((await post(mock.port, dialect, plain)).status).to.equal(503);
      expect((await post(mock.port, dialect, other)).status).to.equal(500);
    });

    it('a request that the dialect refuses does not use up a fault', async () => {
      mock.control.setFault({ kind: 'status', status: 500, times: 1 });
      expect((await post(mock.port, dialect, '{}')).status).to.equal(400);
      expect((await post(mock.port, dialect, plain)).status).to.equal(500);
    });
  });
}

describe('faults as the official clients see them', () => {
  const openai = useMock('openai');
  const anthropic = useMock('anthropic');

  it('an OpenAI error inside a stream is an API error', async () => {
    openai.control.setFault({ kind: 'error-in-stream' });
    const client = new OpenAI({ baseURL: `${openai.url}/v1`, apiKey: 'any', maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'gpt-4',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(await failureOf(stream)).to.be.instanceOf(OpenAI.APIError);
  });

  it('an Anthropic error inside a stream is an API error', async () => {
    anthropic.control.setFault({ kind: 'error-in-stream' });
    const client = new Anthropic({ baseURL: anthropic.url, apiKey: 'any', maxRetries: 0 });
    const stream = await client.messages.create({
      model: 'claude-test',
      max_tokens: 16,
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(await failureOf(stream)).to.be.instanceOf(Anthropic.APIError);
  });

  it('a 429 is a rate limit error with its Retry-After', async () => {
    anthropic.control.setFault({ kind: 'status', status: 429, retryAfter: 3 });
    const client = new Anthropic({ baseURL: anthropic.url, apiKey: 'any', maxRetries: 0 });
    const failure = await client.messages
      .create({ model: 'claude-test', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] })
      .then(() => null)
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Anthropic.RateLimitError);
    expect(failure instanceof Anthropic.APIError && failure.headers?.get('retry-after')).to.equal('3');
  });
});

async function failureOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of stream);
    return null;
  } catch (error) {
    return error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
