/** Bodies and answers in many small pieces, and bodies whose shape or names no two readers would take alike. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import { chatRequest, connectTo, errorOf, openStream, planeFixture } from './plane-fixture.ts';

describe('a hostile body', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  const start400 = '{"model":"gpt-4","messages":[{"role":"user","content":"x"}]';
  const bodies: readonly [what: string, body: string | Buffer, code: string, param: string | null][] = [
    ['deep nesting', `${start400},"x":${'['.repeat(600)}${']'.repeat(600)}}`, 'invalid_value', null],
    ['a repeated model', `${start400},"model":"other"}`, 'invalid_value', 'model'],
    ['a model in another case', `${start400},"Model":"other"}`, 'invalid_value', 'Model'],
    ['a stream with a long s', `${start400},"\u017ftream":true}`, 'invalid_value', '\u017ftream'],
    ['a max_tokens with a Kelvin sign', `${start400},"max_to\u212aens":1}`, 'invalid_value', 'max_to\u212aens'],
    ['an escape that is none, in a long text', `${start400},"x":"${'a'.repeat(100_000)}\\x"}`, 'invalid_json', null],
    ['bytes that are not UTF-8', Buffer.from(`${start400},"x":"\xff"}`, 'latin1'), 'invalid_json', null],
  ];

  for (const [what, body, code, param] of bodies) {
    it(`with ${what} gets a 400, and no provider is asked`, async () => {
      const { url } = await start({ openai: openai.port });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
      const error = await errorOf(response);
      expect([response.status, error.code, error.param]).to.deep.equal([400, code, param]);
      expect(openai.control.stats().requests).to.equal(0);
    });
  }

  it('of a client of chats with very many names in output_config is translated in a moment', async () => {
    const seen: number[] = [];
    const broken = await provider((_incoming, outgoing) => outgoing.writeHead(500).end());
    const port = await provider(async (incoming, outgoing) => {
      let text = '';
      for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
      seen.push(Object.keys(JSON.parse(text).output_config).length);
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end('{"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn"}');
    });
    const { ask } = await start({ openai: broken, anthropic: port });
    const output_config = Object.fromEntries(Array.from({ length: 25_000 }, (_, index) => [`k${index}`, 1]));
    expect((await ask({ output_config })).status).to.equal(200);
    expect(seen).to.deep.equal([25_000]);
  });

  it('in chunks of one byte arrives as it was, with the name of the model replaced', async () => {
    const seen: string[] = [];
    const port = await provider((_incoming, outgoing) => outgoing.end());
    const recorder = http.createServer((incoming, outgoing) => {
      incoming.setEncoding('utf8').on('data', (text: string) => seen.push(text));
      incoming.on('end', () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}'));
    });
    recorder.listen(0, '127.0.0.1');
    await eventually('the provider listens', () => recorder.listening);
    const address = recorder.address();
    const { url } = await start({ openai: typeof address === 'object' && address !== null ? address.port : port });
    const body = chatRequest({ padding: 'x\u20ac'.repeat(3_000) });
    const socket = connectTo(url).on('error', () => undefined);
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    for (const byte of Buffer.from(body)) socket.write(Buffer.from([0x31, 13, 10, byte, 13, 10]));
    socket.write('0\r\n\r\n');
    await eventually('the provider has it', () => seen.join('').endsWith('}'));
    expect(JSON.parse(seen.join('')).padding).to.equal(JSON.parse(body).padding);
    socket.destroy();
    recorder.closeAllConnections();
    recorder.close();
  });
});

describe('a large answer', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const answer = (text: string) =>
    JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }] });

  const LIMIT = { maxBufferedBytes: 100_000 };
  const event = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const textEvent = (length: number) => event({ content: 'x'.repeat(length) }, null);
  const END = `${event({}, 'stop')}data: [DONE]\n\n`;

  it('counts against max_buffered: beyond it there is a 503 and no second purchase, and afterwards others are served', async () => {
    let text = 'x'.repeat(200_000);
    let bought = 0;
    const port = await provider((_incoming, outgoing) => {
      bought += 1;
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer(text));
    });
    const { ask } = await start({ openai: port, anthropic: port, server: LIMIT });
    const refused = await ask();
    expect([refused.status, (await errorOf(refused)).code, bought]).to.deep.equal([503, 'overloaded', 1]);
    expect(refused.headers.get('x-should-retry')).to.equal('false');
    text = 'x'.repeat(50_000);
    for (let round = 0; round < 4; round += 1) {
      const response = await ask();
      expect(response.status).to.equal(200);
      expect(await response.text()).to.equal(answer(text));
    }
  });

  it('counts as well where its provider streams it to a plain request', async () => {
    const port = await provider((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 200; index += 1) outgoing.write(textEvent(1_000));
      outgoing.end(END);
    });
    const { ask } = await start({ openai: port, server: LIMIT });
    const refused = await ask();
    expect([refused.status, (await errorOf(refused)).code]).to.deep.equal([503, 'overloaded']);
  });

  it('that streams one endless event counts too, and what it held is free again', async () => {
    let isEndless = true;
    const port = await provider((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      if (isEndless) outgoing.write(`data: {"x":"${'x'.repeat(200_000)}`);
      else outgoing.end(textEvent(70_000) + END);
    });
    const { ask } = await start({ openai: port, server: LIMIT });
    for (let round = 0; round < 3; round += 1) {
      const response = await ask({ stream: true });
      expect([response.status, (await errorOf(response)).code]).to.deep.equal([503, 'overloaded']);
    }
    isEndless = false;
    const response = await ask({ stream: true });
    expect(response.status).to.equal(200);
    expect(await response.text()).to.match(/\[DONE\]\n\n$/);
  });

  it('that its client does not read counts while it waits for that', async () => {
    const large = textEvent(6 * 1024 * 1024);
    const port = await provider((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write(textEvent(1));
      outgoing.end(large + large + END);
    });
    const { url, count } = await start({ openai: port, server: { maxBufferedBytes: 16 * 1024 * 1024 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => openStream(url)));
    const refused = () => count({ type: 'attempt-ended', outcome: 'gateway_limit' });
    await eventually('some find no room', () => refused() > 0);
    expect(refused()).to.be.below(8);
    for (const { client } of answers) client.destroy();
  });

  it('finds room while bodies fill the limit, if it is small', async () => {
    const waiting: (() => void)[] = [];
    const port = await provider((incoming, outgoing) => {
      const reply = () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer('small'));
      if (Number(incoming.headers['content-length']) > 50_000) waiting.push(reply);
      else reply();
      incoming.resume();
    });
    const { url, ask, plane } = await start({ openai: port, server: LIMIT });
    const body = chatRequest();
    const large = body.replace('{', `{"x":"${'x'.repeat(100_000 - body.length - 400)}",`);
    const first = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: large,
    });
    await eventually('the large body is held', () => waiting.length === 1);
    expect((await ask()).status).to.equal(200);
    for (const reply of waiting) reply();
    expect((await first).status).to.equal(200);
    expect(plane.inFlight()).to.equal(0);
  });

  it('that is packed, and larger than what one turn takes, arrives as it was', async () => {
    const text = answer(randomBytes(3_000_000).toString('hex'));
    const port = await provider((_incoming, outgoing) =>
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(text)),
    );
    const { ask } = await start({ openai: port });
    expect(await (await ask()).text()).to.equal(text);
  });

  for (const packed of [false, true]) {
    it(`of thousands of events${packed ? ', packed,' : ''} arrives as it was, though its client reads slowly`, async () => {
      const event = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
      const last = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
      const text = Array.from({ length: 6_000 }, () => event(randomBytes(400).toString('hex'))).join('') + last;
      const port = await provider((_incoming, outgoing) => {
        const coding = packed ? { 'content-encoding': 'gzip' } : {};
        outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...coding });
        outgoing.end(packed ? gzipSync(text) : text);
      });
      // On a starved host, the test itself may be the client that reads too slowly.
      const { ask } = await start({ openai: port, timeouts: { stallMs: 30_000, totalMs: 60_000 } });
      let read = '';
      for await (const chunk of (await ask({ stream: true })).body ?? []) {
        read += Buffer.from(chunk).toString();
        if (read.length < 500_000) await pause(5);
      }
      expect(read).to.equal(text);
    });
  }

  it('in chunks of one byte arrives as it was', async () => {
    const text = answer('a\u20ac'.repeat(40_000));
    const port = await provider((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      for (const byte of Buffer.from(text)) outgoing.write(Buffer.from([byte]));
      outgoing.end();
    });
    const { ask } = await start({ openai: port });
    expect(await (await ask()).text()).to.equal(text);
  });

  const branches = `[${'{},'.repeat(1_000_000)}{}]`;
  const withBranches = (inside: string) => `${inside.slice(0, -1)},"x":${branches}}`;
  const json = { 'content-type': 'application/json' };

  it('of millions of values arrives as it was, and is counted with its tokens', async () => {
    const text = withBranches(answer('hello').replace(/}$/, ',"usage":{"prompt_tokens":3,"completion_tokens":5}}'));
    const port = await provider((_incoming, outgoing) => outgoing.writeHead(200, json).end(text));
    const { ask, events } = await start({ openai: port });
    expect(await (await ask()).text()).to.equal(text);
    const counted = events.flatMap((event) => (event.type === 'tokens' ? [event.counts] : []));
    expect(counted).to.deep.equal([{ input: 3, output: 5 }]);
  });

  it('of millions of values that would have to be translated is refused', async () => {
    const text = withBranches('{"type":"message","content":[{"type":"text","text":"hello"}]}');
    const broken = await provider((_incoming, outgoing) => outgoing.writeHead(500).end());
    const port = await provider((_incoming, outgoing) => outgoing.writeHead(200, json).end(text));
    const { ask } = await start({ openai: broken, anthropic: port });
    const refused = await ask();
    expect([refused.status, (await errorOf(refused)).code]).to.deep.equal([502, 'provider_error']);
    expect(refused.headers.get('x-headgate-attempts')).to.match(/anthropic=wrong-form/);
  });

  it('with an error status goes back as it came up to 256 KB, and beyond that as an error of our own', async () => {
    let text = '';
    const port = await provider((_incoming, outgoing) => outgoing.writeHead(400, json).end(text));
    const { ask } = await start({ openai: port });
    const error = (bytes: number) => JSON.stringify({ error: { message: 'no', more: 'x'.repeat(bytes) } });
    text = error(200_000);
    expect(await (await ask()).text()).to.equal(text);
    text = error(300_000);
    const refused = await ask();
    expect([refused.status, (await errorOf(refused)).message.length]).to.satisfy(
      ([status = 0, length = 0]: number[]) => status === 400 && length < 3_000,
    );
  });

  it('that never ends, though its JSON has, is complete after a silence', async () => {
    const text = answer('x'.repeat(300_000));
    const port = await provider((_incoming, outgoing) => outgoing.writeHead(200, json).write(text));
    const { ask } = await start({ openai: port });
    expect(await (await ask()).text()).to.equal(text);
  });
});
