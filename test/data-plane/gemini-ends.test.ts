/** How answers of Gemini end, and how they fail: over sockets, through its own API. */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { FaultInput } from '../../src/mock/faults.ts';
import type { AttemptOutcome } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { googleConfig } from '../helpers/google-config.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

describe('an answer of Gemini’s', () => {
  const { provider, mock, close } = planeFixture();
  let plane: RunningPlane | null = null;
  afterEach(async () => {
    await plane?.close();
    await close();
  });

  const timeouts = { stallMs: 400 };

  async function client(port: number): Promise<Anthropic> {
    plane = await startPlane(googleConfig('gemini', port, 'gemini-2.5-flash', { timeouts, retry: { attempts: 1 } }));
    return new Anthropic({ apiKey: 'any', baseURL: plane.url, maxRetries: 0 });
  }

  const asked = { model: 'm', max_tokens: 99, messages: [{ role: 'user' as const, content: 'hi' }] };
  const outcomes = () => plane?.events.flatMap((event) => (event.type === 'attempt-ended' ? event.outcome : []));

  /** Answers with a candidate that says nothing but why it ends. */
  async function endingWith(answer: object): Promise<Anthropic> {
    const usageMetadata = { promptTokenCount: 3, totalTokenCount: 3 };
    const body = JSON.stringify({ usageMetadata, ...answer });
    const port = await provider((request, outgoing) => {
      if (request.url?.includes('alt=sse') !== true) return outgoing.writeHead(200, jsonHeaders).end(body);
      return outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${body}\r\n\r\n`);
    });
    return client(port);
  }

  const ends = [
    ['SAFETY', { candidates: [{ finishReason: 'SAFETY' }] }, 'success', 'refusal'],
    ['RECITATION', { candidates: [{ finishReason: 'RECITATION', content: {} }] }, 'success', 'refusal'],
    ['a blocked prompt', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, 'success', 'refusal'],
    ['MAX_TOKENS', { candidates: [{ finishReason: 'MAX_TOKENS' }] }, 'success', 'max_tokens'],
    ['a word that is not known', { candidates: [{ finishReason: 'NEW_WORD' }] }, 'success', 'NEW_WORD'],
    [
      'MALFORMED_FUNCTION_CALL',
      { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] },
      'empty_response',
      'MALFORMED_FUNCTION_CALL',
    ],
    [
      'STOP',
      { candidates: [{ finishReason: 'STOP', content: { parts: [{ text: '' }] } }] },
      'empty_response',
      'end_turn',
    ],
  ] as const satisfies readonly (readonly [string, object, AttemptOutcome, string])[];

  for (const [what, answer, outcome, reason] of ends) {
    it(`without content ends with ${what}: ${outcome}, whole and streamed`, async () => {
      const { messages } = await endingWith(answer);
      expect((await messages.create(asked)).stop_reason).to.equal(reason);
      expect((await messages.stream(asked).finalMessage()).stop_reason).to.equal(reason);
      expect(outcomes()).to.deep.equal([outcome, outcome]);
    });
  }

  it('is whole once it says why it ends, though its connection stays open', async () => {
    const fake = await mock('gemini');
    const { messages } = await client(fake.port);
    fake.control.setFault({ kind: 'linger' });
    const { content, stop_reason } = await messages.stream(asked).finalMessage();
    expect(JSON.stringify(content)).to.include('answering as gemini-2.5-flash');
    expect(stop_reason).to.equal('end_turn');
    expect(outcomes()).to.deep.equal(['success']);
  });

  const failures: readonly (readonly [string, FaultInput, AttemptOutcome])[] = [
    ['breaks off', { kind: 'cut' }, 'stream_cut'],
    ['ends early', { kind: 'end-early' }, 'stream_cut'],
    ['tells an error as bare JSON', { kind: 'error-in-stream' }, 'server_error'],
    ['brings what is no JSON', { kind: 'bad-chunk' }, 'bad_response'],
    ['falls silent', { kind: 'stall' }, 'timeout_stall'],
  ];
  for (const [what, fault, outcome] of failures) {
    it(`is told as an error if its stream ${what}: ${outcome}`, async () => {
      const fake = await mock('gemini');
      const { messages } = await client(fake.port);
      fake.control.setFault(fault);
      let thrown: unknown;
      await messages
        .stream(asked)
        .finalMessage()
        .catch((error: unknown) => {
          thrown = error;
        });
      expect(thrown).to.be.instanceOf(Anthropic.AnthropicError);
      expect(outcomes()).to.deep.equal([outcome]);
    });
  }

  const detail = (type: string, fields: object) => ({ '@type': `type.googleapis.com/google.rpc.${type}`, ...fields });
  const invalidKey = [detail('ErrorInfo', { reason: 'API_KEY_INVALID' })];
  const statuses: readonly (readonly [number, object, AttemptOutcome, number])[] = [
    [400, { status: 'INVALID_ARGUMENT', message: 'Bad.' }, 'client_error', 400],
    [400, { status: 'INVALID_ARGUMENT', message: 'API key not valid.', details: invalidKey }, 'auth_error', 502],
    [
      400,
      { status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' },
      'rate_limited',
      429,
    ],
    [
      429,
      { status: 'RESOURCE_EXHAUSTED', message: 'Quota.', details: [detail('RetryInfo', { retryDelay: '7s' })] },
      'rate_limited',
      429,
    ],
    [503, { status: 'UNAVAILABLE', message: 'The model is overloaded.' }, 'server_error', 502],
    [404, { status: 'NOT_FOUND', message: 'models/x is not found for API version v1beta' }, 'model_unavailable', 502],
  ];
  for (const [code, error, outcome, status] of statuses) {
    it(`is judged by what its error says: ${code} ${JSON.stringify(error)}`, async () => {
      const fake = await mock('gemini');
      const { messages } = await client(fake.port);
      fake.control.setFault({ kind: 'status', status: code, body: [{ error: { code, ...error } }] as never });
      let thrown: unknown;
      await messages.create(asked).catch((failure: unknown) => {
        thrown = failure;
      });
      if (!(thrown instanceof Anthropic.APIError)) throw new Error('the client gets an error');
      expect(thrown.status).to.equal(status);
      expect(outcomes()).to.deep.equal([outcome]);
      if (code === 429) expect(thrown.headers?.get('retry-after')).to.equal('7');
    });
  }
});
