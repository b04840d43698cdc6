/** Streams after their first content: every byte arrives, every failure is visible, a slow client slows its provider. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import type { AttemptOutcome, StreamOutcome, Verdict } from '../../src/shared/events.ts';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import {
  chatRequest,
  connectTo,
  contentEvent,
  jsonHeaders,
  openStream,
  planeFixture,
  rawRequest,
} from './plane-fixture.ts';

interface RawAnswer {
  readonly text: string;
  /** Whether the last chunk came, so that a client takes the body for complete. */
  readonly whole: boolean;
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

interface Break {
  readonly fault: FaultInput;
  readonly attempt: AttemptOutcome;
  readonly verdict: Verdict;
  readonly stream: StreamOutcome;
  readonly code: string | null;
}

const breaks: Break[] = [
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
    // The provider's own words: it has no code.
    code: null,
  },
];

describe('a committed stream', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;
  let gateway: RunningPlane;

  beforeEach(async () => {
    openai = await mock('openai');
    gateway = await start({ openai: openai.port });
  });
  afterEach(close);

  it('arrives byte for byte as the provider sent it, with [DONE] and the last chunk', async () => {
    const direct = await fetch(`http://127.0.0.1:${openai.port}/v1/chat/completions`, {
      method: 'POST',
      headers: jsonHeaders,
      body: chatRequest({ stream: true, stream_options: { include_usage: true } }),
    });
    // The client did not ask for token counts: their event is taken out.
    const expected = (await direct.text()).replace(/data: \{[^\n]*"choices":\[\][^\n]*\n\n/, '');
    const { text, whole } = await readAll(gateway.url);
    expect(text).to.equal(expected);
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(whole).to.equal(true);
    expect(gateway.count({ type: 'stream-ended', outcome: 'complete' })).to.equal(1);
    expect(gateway.count({ type: 'first-content', provider: 'openai', model: 'gpt-4' })).to.equal(1);
  });

  for (const { fault, attempt, verdict, stream, code } of breaks) {
    it(`ends in one error event and an unfinished body after the fault ${JSON.stringify(fault)}`, async () => {
      openai.control.setFault(fault);
      if (fault.kind === 'stall') gateway = await start({ openai: openai.port, timeouts: { stallMs: 100 } });
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

  it('is cut, stops its provider and is counted once after a fault of our own', async () => {
    let closed = false;
    const port = await provider((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(contentEvent);
    });
    const { ask, count, outbox } = await start({ openai: port });
    const push = outbox.push.bind(outbox);
    outbox.push = (event) => {
      push(event);
      if (event.type === 'first-content') throw new Error('a fault of our own');
    };
    const response = await ask({ stream: true }).catch((error: unknown) => error);
    expect(response).to.be.instanceOf(TypeError);
    await eventually("the provider's connection is closed", () => closed);
    await eventually('the end is counted', () => count({ type: 'request-ended', status: 'error' }) === 1);
    expect(count({ type: 'request-ended' })).to.equal(1);
  });

  it('is read from the provider no faster than the client takes it', async () => {
    openai.control.setShape({ chunks: 2_000, contentBytes: 64 * 1024 * 1024 });
    const socket = connectTo(gateway.url);
    socket.pause();
    socket.write(rawRequest(chatRequest({ stream: true })));
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

  it('ends for the client at its terminal, even if the provider keeps the connection open', async () => {
    const lingering = await provider((_request, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n');
      outgoing.write('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    // No time passes, so nothing is waited for.
    const other = await start({ openai: lingering }, { clock: new ManualClock() });
    const { text, whole } = await readAll(other.url);
    expect([whole, text.endsWith('data: [DONE]\n\n')]).to.deep.equal([true, true]);
  });
});
