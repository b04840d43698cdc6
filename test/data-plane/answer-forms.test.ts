/** Answers whose form, label or packing is not what was asked for, over real sockets, in both dialects. */
import zlib from 'node:zlib';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { planeFixture } from './plane-fixture.ts';

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

const events = (...payloads: readonly object[]) => payloads.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
const chunk = (delta: object, finish: string | null = null) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };

/** The same answer in each dialect, whole and as a stream: `hello`, one tool call, 3 tokens in and 4 out. */
const answers = {
  openai: {
    whole: JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'hello', tool_calls: [call] }, finish_reason: 'tool_calls' },
      ],
      usage: USAGE,
    }),
    stream: `${events(
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'hel' }),
      chunk({ content: 'lo' }),
      chunk({ tool_calls: [{ index: 0, ...call }] }),
      chunk({}, 'tool_calls'),
      { ...chunk({}), choices: [], usage: USAGE },
    )}data: [DONE]\n\n`,
  },
  anthropic: {
    whole: JSON.stringify({
      id: 'c',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'text', text: 'hello' },
        { type: 'tool_use', id: 'call_1', name: 'f', input: { x: 1 } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, output_tokens: 4 },
    }),
    stream: events(
      { type: 'message_start', message: { id: 'c', model: 'm', usage: { input_tokens: 3, output_tokens: 0 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 'call_1', name: 'f', input: {} },
      },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"x":1}' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 4 } },
      { type: 'message_stop' },
    ),
  },
};

interface Spoken {
  content: string;
  arguments: string;
  finish: string | null;
}

function spokenByCompletion(body: string): Spoken {
  const { choices } = JSON.parse(body) as {
    choices: [
      { message: { content: string; tool_calls: [{ function: { arguments: string } }] }; finish_reason: string },
    ];
  };
  const [{ message, finish_reason: finish }] = choices;
  return { content: message.content, arguments: message.tool_calls[0].function.arguments, finish };
}

function spokenByStream(body: string): Spoken {
  expect(body).to.match(/data: \[DONE\]\n\n$/);
  const spoken: Spoken = { content: '', arguments: '', finish: null };
  for (const [, json = ''] of body.matchAll(/^data: (\{.*)$/gm)) {
    const { choices } = JSON.parse(json) as {
      choices: {
        delta: { content?: string; tool_calls?: [{ function: { arguments?: string } }] };
        finish_reason: string | null;
      }[];
    };
    for (const { delta, finish_reason: finish } of choices) {
      spoken.content += delta.content ?? '';
      spoken.arguments += delta.tool_calls?.[0].function.arguments ?? '';
      spoken.finish = finish ?? spoken.finish;
    }
  }
  return spoken;
}

const expected: Spoken = { content: 'hello', arguments: '{"x":1}', finish: 'tool_calls' };

describe('an answer in an unexpected form', () => {
  const { provider, start, close } = planeFixture();

  afterEach(close);

  /** One provider of that dialect, which sends `body` whatever it was asked for. */
  async function answering(
    dialect: 'openai' | 'anthropic',
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
    status = 200,
  ): Promise<RunningPlane> {
    const port = await provider((_request, response) => {
      response.writeHead(status, headers);
      response.end(body);
    });
    if (dialect === 'openai') return start({ openai: port });
    const down = await provider((_request, response) => response.writeHead(503).end());
    return start({ openai: down, anthropic: port, retry: { attempts: 1 } });
  }

  const wasOneSuccess = ({ count }: RunningPlane, dialect: string) => {
    expect(count({ type: 'attempt-ended', provider: dialect, outcome: 'success' })).to.equal(1);
    expect(count({ type: 'attempt-ended', provider: dialect })).to.equal(1);
  };

  for (const dialect of ['openai', 'anthropic'] as const) {
    for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
      it(`becomes a stream where one was asked for: a whole one of ${dialect}, labelled ${type}`, async () => {
        const plane = await answering(dialect, answers[dialect].whole, { 'content-type': type });
        const response = await plane.ask({ stream: true, stream_options: { include_usage: true } });
        const body = await response.text();
        expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
        expect(spokenByStream(body)).to.deep.equal(expected);
        expect(body).to.include('"total_tokens":7');
        wasOneSuccess(plane, dialect);
      });

      it(`becomes a whole one where that was asked for: a stream of ${dialect}, labelled ${type}`, async () => {
        const plane = await answering(dialect, answers[dialect].stream, { 'content-type': type });
        const response = await plane.ask();
        const body = await response.text();
        expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, 'application/json']);
        expect(spokenByCompletion(body)).to.deep.equal(expected);
        expect(JSON.parse(body)).to.have.nested.property('usage.total_tokens', 7);
        expect(JSON.parse(body)).to.have.property('object', 'chat.completion');
        wasOneSuccess(plane, dialect);
      });

      it(`is streamed where it is a stream of ${dialect}, labelled ${type}`, async () => {
        const plane = await answering(dialect, answers[dialect].stream, { 'content-type': type });
        expect(spokenByStream(await (await plane.ask({ stream: true })).text())).to.deep.equal(expected);
        wasOneSuccess(plane, dialect);
      });
    }

    it(`counts its tokens, whatever the client asked for: ${dialect}`, async () => {
      const plane = await answering(dialect, answers[dialect].whole);
      const body = await (await plane.ask({ stream: true })).text();
      expect(body).not.to.include('usage');
      const [tokens, ...more] = plane.events.filter(({ type }) => type === 'tokens');
      const counts = { input: 3, output: 4 };
      expect(tokens).to.deep.include({ provider: dialect, model: 'gpt-4', key: 'default', counts });
      expect(more).to.deep.equal([]);
    });
  }

  it('is the error that it tells, in the other form too', async () => {
    const error = '{"error":{"message":"no such thing","type":"invalid_request_error","code":null}}';
    for (const [body, stream] of [
      [error, true],
      [`data: ${error}\n\n`, false],
    ] as const) {
      const plane = await answering('openai', body);
      const response = await plane.ask({ stream });
      expect(await response.text()).to.include('no such thing');
      expect(plane.count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
    }
  });

  it('is cut where a stream that should be whole breaks off', async () => {
    const plane = await answering('openai', answers.openai.stream.slice(0, 300));
    const response = await plane.ask();
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).to.deep.equal([
      502,
      'provider_stream_cut',
    ]);
  });

  const packings = {
    gzip: zlib.gzipSync,
    br: zlib.brotliCompressSync,
    deflate: zlib.deflateSync,
    zstd: zlib.zstdCompressSync,
  };
  for (const [encoding, pack] of Object.entries(packings)) {
    it(`is unpacked: plain, streamed and as an error, by ${encoding}`, async () => {
      const headers = { 'content-encoding': encoding };
      const whole = await answering('openai', pack(answers.openai.whole), headers);
      expect(spokenByCompletion(await (await whole.ask()).text())).to.deep.equal(expected);
      const stream = await answering('openai', pack(answers.openai.stream), headers);
      expect(spokenByStream(await (await stream.ask({ stream: true })).text())).to.deep.equal(expected);
      const refusal = '{"error":{"message":"max_tokens is too large: 99","type":"invalid_request_error"}}';
      const refused = await answering('openai', pack(refusal), headers, 400);
      const response = await refused.ask();
      expect([response.status, await response.text()]).to.deep.equal([400, refusal]);
    });
  }

  it('is relayed event by event as its pieces are unpacked', async () => {
    const more = Promise.withResolvers<void>();
    const port = await provider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      const gzip = zlib.createGzip();
      gzip.pipe(response);
      gzip.write(events(chunk({ content: 'first' })));
      gzip.flush(() => {
        void more.promise.then(() => gzip.end(`${events(chunk({}, 'stop'))}data: [DONE]\n\n`));
      });
    });
    const { ask } = await start({ openai: port });
    const response = await ask({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).to.include('first');
    more.resolve();
    let rest = '';
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) rest += piece.value;
    expect(rest).to.match(/\[DONE\]\n\n$/);
  });

  it('is a bad response where it cannot be unpacked', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const plane = await answering('openai', Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]), headers);
    for (const stream of [false, true]) expect((await plane.ask({ stream })).status).to.equal(502);
    expect(plane.count({ type: 'attempt-ended' })).to.equal(plane.count({ outcome: 'bad_response' }));
  });

  it('is committed by a first event of several megabytes', async () => {
    const picture = 'A'.repeat(6 * 1024 * 1024);
    const body = `${events(chunk({ content: '', images: [picture] }), chunk({}, 'stop'))}data: [DONE]\n\n`;
    const plane = await answering('openai', body);
    expect((await (await plane.ask({ stream: true })).text()).length).to.be.above(picture.length);
    wasOneSuccess(plane, 'openai');
  });
});
