/**
 * Streams after their first content: every byte arrives, every end is honest, and neither a client that leaves nor one
 * that reads slowly does harm.
 */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { AttemptOutcome, StreamOutcome, Verdict } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

interface RawAnswer {
  readonly text: string;
  /** Whether the final chunk came, so that a client takes the body for whole. */
  readonly whole: boolean;
}

const completion = JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
const headers = { 'content-type': 'application/json' };

function openStream(
  url: string,
  body = completion,
): Promise<http.IncomingMessage & { readonly client: http.ClientRequest }> {
  return new Promise((resolve, reject) => {
    const client = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false }, (answer) =>
      resolve(Object.assign(answer, { client })),
    );
    client.on('error', reject);
    client.end(body);
  });
}

async function readAll(url: string): Promise<RawAnswer> {
  const answer = await openStream(url);
  answer.setEncoding('utf8');
  let text = '';
  answer.on('data', (piece: string) => {
    text += piece;
  });
  return new Promise((resolve) => {
    answer.on('end', () => resolve({ text, whole: answer.complete }));
    answer.on('error', () => resolve({ text, whole: false }));
  });
}

describe('a stream after its first content', () => {
  let openai: RunningMock;
  let gateway: RunningPlane;

  beforeEach(async () => {
    openai = await startMock({ dialect: 'openai', port: 0 });
    gateway = await startPlane(testConfig({ openai: openai.port, timeouts: { stallMs: 100 } }));
  });

  afterEach(async () => {
    await gateway.close();
    await openai.close();
  });

  it("arrives byte for byte as the provider sent it, '[DONE]' and final chunk included", async () => {
    const direct = await fetch(`http://127.0.0.1:${openai.port}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: completion,
    });
    const expected = await direct.text();
    const { text, whole } = await readAll(gateway.url);
    expect(text).to.equal(expected);
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(whole).to.equal(true);
    expect(gateway.count({ type: 'stream-ended', outcome: 'complete' })).to.equal(1);
    expect(gateway.count({ type: 'first-content', provider: 'openai', model: 'gpt-4' })).to.equal(1);
  });

  const broken: {
    fault: FaultInput;
    attempt: AttemptOutcome;
    verdict: Verdict;
    stream: StreamOutcome;
    code: string;
  }[] = [
    {
      fault: { kind: 'cut', afterChunks: 2 },
      attempt: 'stream_cut',
      verdict: 'failure',
      stream: 'cut',
      code: 'provider_stream_cut',
    },
    {
      fault: { kind: 'cut', afterChunks: 2, how: 'rst' },
      attempt: 'stream_cut',
      verdict: 'failure',
      stream: 'cut',
      code: 'provider_stream_cut',
    },
    {
      fault: { kind: 'stall', afterChunks: 2 },
      attempt: 'timeout_stall',
      verdict: 'failure',
      stream: 'stalled',
      code: 'provider_stream_cut',
    },
    {
      fault: { kind: 'bad-chunk', afterChunks: 2 },
      attempt: 'bad_response',
      verdict: 'failure',
      stream: 'cut',
      code: 'provider_error',
    },
    {
      fault: { kind: 'error-in-stream', afterChunks: 2 },
      attempt: 'server_error',
      verdict: 'failure',
      stream: 'error_event',
      code: 'provider_error',
    },
  ];
  for (const { fault, attempt, verdict, stream, code } of broken) {
    it(`ends in one error event and an unfinished body when the provider's fault is ${JSON.stringify(fault)}`, async () => {
      openai.control.setFault(fault);
      const { text, whole } = await readAll(gateway.url);
      expect(whole).to.equal(false);
      expect(text).not.to.contain('[DONE]');
      const events = text.split('\n\n').filter((event) => event !== '');
      const errors = events.filter((event) => event.startsWith('data: {"error"'));
      expect(errors).to.have.length(1);
      expect(events.at(-1)).to.equal(errors[0]);
      expect(JSON.parse(errors[0]?.slice('data: '.length) ?? '').error.code).to.equal(code);
      for (const event of events) expect(() => JSON.parse(event.slice('data: '.length))).not.to.throw();
      expect(gateway.count({ type: 'attempt-ended', outcome: attempt, verdict })).to.equal(1);
      expect(gateway.count({ type: 'attempt-ended' })).to.equal(1);
      expect(gateway.count({ type: 'stream-ended', outcome: stream })).to.equal(1);
      expect(gateway.count({ type: 'request-ended', status: 'error' })).to.equal(1);
    });
  }

  it('stops the provider at once when the client leaves, harming no circuit, and stays a success', async () => {
    openai.control.setShape({ chunks: 1_000, chunkMs: 20 });
    const answer = await openStream(gateway.url);
    await once(answer, 'data');
    answer.client.destroy();
    await eventually('the provider sees the abort', () => openai.control.stats().aborted === 1);
    await eventually('the end is counted', () => gateway.count({ type: 'request-ended' }) === 1);
    expect(gateway.count({ type: 'request-ended', status: 'success' })).to.equal(1);
    expect(gateway.count({ type: 'attempt-ended', outcome: 'client_gone', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'stream-ended', outcome: 'client_gone' })).to.equal(1);
    expect(gateway.plane.inFlight()).to.equal(0);
  });

  it('goes out without chunks to a client that cannot take them, and ends with its connection', async () => {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const lines = ['POST /v1/chat/completions HTTP/1.0', 'content-type: application/json'];
    socket.write(`${lines.join('\r\n')}\r\ncontent-length: ${completion.length}\r\n\r\n${completion}`);
    await once(socket, 'end');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head)
      .to.match(/^HTTP\/1\.1 200 OK/)
      .and.not.match(/transfer-encoding/i);
    expect(body)
      .to.match(/^data: \{/)
      .and.match(/data: \[DONE\]\n\n$/);
    socket.destroy();
  });

  it('is no request in the counts when the client leaves before any content', async () => {
    openai.control.setFault({ kind: 'hang' });
    const client = http.request(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, agent: false });
    client.on('error', () => undefined);
    client.end(completion);
    await eventually('the provider is asked', () => openai.control.stats().inFlight === 1);
    client.destroy();
    await eventually('the provider sees the abort', () => openai.control.stats().aborted === 1);
    await eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);
    expect(gateway.count({ type: 'attempt-ended', outcome: 'client_gone', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
  });

  it('is read from the provider no faster than the client takes it', async () => {
    openai.control.setShape({ chunks: 2_000, contentBytes: 64 * 1024 * 1024 });
    const { port } = new URL(gateway.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${completion.length}\r\n\r\n${completion}`,
    );
    let last = -1;
    await eventually('the provider is held back', () => {
      const { bytesWritten } = openai.control.stats();
      const settled = bytesWritten > 100_000 && bytesWritten === last;
      last = bytesWritten;
      return settled;
    });
    expect(openai.control.stats().bytesWritten).to.be.below(32 * 1024 * 1024);
    socket.destroy();
    await eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);
  });

  it('ends for the client at its terminal though the provider keeps the connection open', async () => {
    const lingering = http.createServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n');
      outgoing.write('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => lingering.listen(0, '127.0.0.1', resolve));
    const other = await startPlane(testConfig({ openai: (lingering.address() as net.AddressInfo).port }));
    const startedAt = performance.now();
    const { text, whole } = await readAll(other.url);
    expect(performance.now() - startedAt).to.be.below(900);
    expect([whole, text.endsWith('data: [DONE]\n\n')]).to.deep.equal([true, true]);
    await other.close();
    lingering.closeAllConnections();
    lingering.close();
  });

  it('gets its error event when the time to drain is over', async () => {
    openai.control.setShape({ chunks: 1_000, chunkMs: 20 });
    const answer = await openStream(gateway.url);
    answer.setEncoding('utf8');
    let text = '';
    answer.on('data', (piece: string) => {
      text += piece;
    });
    const ended = new Promise((resolve) => answer.on('close', resolve));
    await once(answer, 'data');
    await gateway.plane.drain(50);
    await ended;
    expect(answer.complete).to.equal(false);
    expect(text).to.match(/data: \{"error":\{[^\n]+\}\}\n\n$/);
    expect(gateway.count({ type: 'attempt-ended', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'request-ended', status: 'error' })).to.equal(1);
  });
});
