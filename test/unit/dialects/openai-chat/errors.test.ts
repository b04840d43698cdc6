import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { choiceError, readError, readErrorPayload } from '../../../../src/dialects/openai-chat/errors.ts';

const read = (status: number, payload: unknown) => readError(status, Buffer.from(JSON.stringify(payload)));
const openaiError = (code: string | null, type = 'some_error', message = 'm') => ({
  error: { message, type, param: null, code },
});

describe('an error body in the chat dialect', () => {
  it('is read from the envelope', () => {
    const body = { error: { message: 'too long', type: 'invalid_request_error', param: 'messages', code: 'c' } };
    expect(read(400, body)).to.deep.equal({
      status: 400,
      message: 'too long',
      type: 'invalid_request_error',
      param: 'messages',
      code: 'c',
      quota: false,
      subject: null,
      retryAfterMs: null,
    });
  });

  it("has OpenAI's code if the prompt is too long, whatever its own is: by that clients make it shorter", () => {
    const message = "This model's maximum context length is 32768 tokens. However, you requested 33077 tokens.";
    for (const body of [
      { object: 'error', message, type: 'BadRequestError', param: null, code: 400 },
      { error: { message, type: 'invalid_request_error', param: null, code: 'invalid_request_error' } },
      { error: { code: 400, message: 'it is full', type: 'exceed_context_size_error', n_ctx: 8192 } },
      { error: message },
    ]) {
      expect(read(400, body).code, JSON.stringify(body)).to.equal('context_length_exceeded');
    }
    expect(read(400, openaiError('invalid_value')).code).to.equal('invalid_value');
  });

  it('is read in every other shape that providers use', () => {
    const shapes: [unknown, string][] = [
      [{ error: 'as text' }, 'as text'],
      [{ object: 'error', message: 'of vLLM', code: 404 }, 'of vLLM'],
      [{ message: 'bare' }, 'bare'],
      [{ detail: 'of FastAPI' }, 'of FastAPI'],
      [[{ error: { code: 503, message: 'of Gemini', status: 'UNAVAILABLE' } }], 'of Gemini'],
      ['nothing', '"nothing"'],
    ];
    for (const [shape, message] of shapes) expect(read(503, shape)).to.include({ status: 503, message });
  });

  it('names the fields that a server knows nothing of, in all the ways in which servers list them', () => {
    const field = (...loc: (string | number)[]) => ({
      type: 'extra_forbidden',
      loc,
      msg: 'Extra inputs are not permitted',
    });
    const detail = [field('body', 'store'), field('body', 'messages', 3, 'assistant', 'reasoning_content')];
    const message =
      'store: Extra inputs are not permitted; messages.3.assistant.reasoning_content: Extra inputs are not permitted';
    for (const body of [
      { detail },
      { object: 'error', message: { detail }, type: 'invalid_request_error', param: null, code: null },
      { object: 'error', message: JSON.stringify({ detail }), type: 'internal_error_proxy', param: null, code: '1000' },
      { object: 'Error', detail, message: detail, type: 'invalid_request_error', code: 3001 },
    ]) {
      expect(read(422, body), JSON.stringify(body)).to.include({ status: 422, message, param: 'store', subject: null });
    }
    expect(read(422, { detail: [{ loc: [], msg: 'odd' }] })).to.include({ message: 'odd', param: '' });
    expect(read(422, { detail: Array(9).fill(field('a')) }).message.split('; ')).to.have.length(4);
    expect(read(422, { detail: [{}] }).message).to.equal('{"detail":[{}]}');
  });

  it('never throws, for any body', () => {
    expect(readError(413, Buffer.from('<html>too large</html>')).message).to.equal('the provider answered 413');
    expect(readError(500, Buffer.alloc(0)).message).to.equal('the provider answered 500');
    expect(readError(500, Buffer.alloc(2_000_000, 0x61)).message.length).to.equal(256 * 1024);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readError(500, Buffer.from(bytes)).status === 500));
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof read(429, value).message === 'string'));
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof read(429, { error: value }).message === 'string'));
  });

  it('distinguishes exhausted credit and quota from a plain rate limit', () => {
    for (const code of [
      'insufficient_quota',
      'credit_balance_exhausted',
      'organization_spend_limit_exceeded',
      'project_usage_limit_exceeded',
      'billing_hard_limit_reached',
    ]) {
      expect(read(429, openaiError(code)).quota, code).to.equal(true);
    }
    expect(read(429, openaiError(null, 'insufficient_quota')).quota).to.equal(true);
    expect(read(402, openaiError(null)).quota).to.equal(true);
    expect(read(429, openaiError(null, 'x', 'Insufficient Balance')).quota).to.equal(true);
    expect(read(429, openaiError('rate_limit_exceeded', 'tokens', 'Rate limit reached')).quota).to.equal(false);
  });

  it('does not read exhausted credit from a 400 that quotes the client', () => {
    expect(read(400, openaiError('invalid_value', 'x', "Invalid value: 'insufficient credits'")).quota).to.equal(false);
  });

  it("reads the wait time from Gemini's RetryInfo, which does not mean an exhausted quota", () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'RequestsPerMinute' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ];
    const message = 'You exceeded your current quota, please check your plan.';
    const body = { error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details } };
    expect(read(429, [body])).to.include({ retryAfterMs: 34_400, quota: false, code: '429' });
  });

  it("reads Gemini's limit per day as an exhausted quota", () => {
    const details = [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] }];
    expect(read(429, { error: { code: 429, message: 'm', details } }).quota).to.equal(true);
  });

  it('ignores malformed wait times', () => {
    for (const retryDelay of ['-5s', 'soon', '5', 7, `${'9'.repeat(30)}s`]) {
      expect(read(429, { error: { message: 'm', details: [{ retryDelay }] } }).retryAfterMs).to.equal(null);
    }
  });
});

describe('an error inside a 200 of the chat dialect', () => {
  const statusOf = (error: object) => readErrorPayload({ error: { message: 'm', ...error } })?.status;

  it('gets the status of its code, else that of its type', () => {
    expect(statusOf({ code: 'timeout', type: 'invalid_request_error' })).to.equal(504);
    expect(statusOf({ code: 429 })).to.equal(429);
    expect(statusOf({ code: '502' })).to.equal(502);
    expect(statusOf({ code: 'organization_spend_limit_exceeded' })).to.equal(429);
    expect(statusOf({ status: 'UNAVAILABLE' })).to.equal(503);
    expect(statusOf({ code: null, type: 'overloaded_error' })).to.equal(529);
    expect(statusOf({ code: null, type: 'invalid_request_error' })).to.equal(400);
  });

  it('has no status if neither code nor type is known', () => {
    expect(statusOf({ code: 'mystery', type: 'unheard_of' })).to.equal(null);
    expect(statusOf({ code: 200 })).to.equal(null);
  });

  it('is a status as a number beside a text, in place of an answer', () => {
    expect(readErrorPayload({ code: 400, message: 'm' })).to.include({ status: 400, message: 'm' });
    expect(readErrorPayload({ code: 502, message: 'm', type: 'x' })).to.include({ status: 502, message: 'm' });
    for (const payload of [
      { code: 200, message: 'm' },
      { code: 600, message: 'm' },
      { code: 400 },
      { code: 400, message: 'm', choices: [] },
      { code: '400', message: 'm' },
    ]) {
      expect(readErrorPayload(payload)).to.equal(null);
    }
  });

  it('is the one that stands in a choice', () => {
    const fine = { message: { content: 'x' }, finish_reason: 'stop' };
    const broken = { error: { code: 400, message: 'm' }, finish_reason: null };
    expect(choiceError([fine, broken])).to.include({ status: 400, message: 'm' });
    expect(choiceError([{ error: 'm' }])).to.include({ status: null, message: 'm' });
    expect(choiceError([{ finish_reason: 'error' }])).to.include({ status: null });
    for (const choices of [[], [null], [fine], [{ ...fine, error: null }], [{ ...fine, error: '' }]]) {
      expect(choiceError(choices)).to.equal(null);
    }
  });

  it('is null if there is no error', () => {
    for (const payload of [{ error: null }, { error: '' }, { message: 'm' }, { detail: 'd' }, {}]) {
      expect(readErrorPayload(payload)).to.equal(null);
    }
  });
});
