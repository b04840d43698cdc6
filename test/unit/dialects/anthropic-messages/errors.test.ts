import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readError, readErrorPayload } from '../../../../src/dialects/anthropic-messages/errors.ts';

const envelope = (type: string, message = 'm', details?: object) => ({
  type: 'error',
  error: { type, message, ...(details === undefined ? {} : { details }) },
  request_id: 'req_1',
});
const read = (status: number, payload: unknown) => readError(status, Buffer.from(JSON.stringify(payload)));

describe('an error body in the messages dialect', () => {
  it('is read from the envelope', () => {
    expect(read(400, envelope('invalid_request_error', 'messages: too many'))).to.deep.equal({
      status: 400,
      message: 'messages: too many',
      type: 'invalid_request_error',
      param: null,
      code: null,
      quota: false,
      subject: null,
      retryAfterMs: null,
    });
  });

  it('that asks for more than the credit that is left concerns this request alone, wherever it stands', () => {
    const text = 'You requested up to 1000000 tokens, but can only afford 30104.';
    const spent = 'You requested up to 100 tokens, but can only afford 0.';
    for (const [message, quota] of [
      [text, false],
      ['This may cost up to $12.00, but your balance is $3.10. Lower max_tokens.', false],
      ['You can only afford 30,104 tokens, but requested up to 1,000,000.', false],
      [spent, true],
    ] as const) {
      for (const error of [
        read(402, envelope('billing_error', message)),
        read(402, envelope('invalid_request_error', message)),
        readErrorPayload(envelope('billing_error', message)),
        readErrorPayload({ code: 402, message }),
      ]) {
        expect([error?.quota, error?.subject], message).to.deep.equal([quota, quota ? null : 'credit']);
      }
    }
  });

  it('never throws, for any body', () => {
    expect(readError(413, Buffer.from('<html>too large</html>')).message).to.equal('the provider answered 413');
    expect(readError(529, Buffer.alloc(0))).to.include({ status: 529, type: 'upstream_error' });
    expect(readError(502, Buffer.from('bad gateway')).message).to.equal('bad gateway');
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readError(500, Buffer.from(bytes)).status === 500));
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof read(429, { error: value }).message === 'string'));
  });

  it('distinguishes exhausted credit from a rate limit and from a client error', () => {
    const spent = { error_code: 'enforced_spend_limit_reached' };
    expect(read(429, envelope('rate_limit_error', 'm', spent))).to.include({ quota: true, code: spent.error_code });
    expect(read(402, envelope('billing_error')).quota).to.equal(true);
    const credit = 'Your credit balance is too low to access the Anthropic API.';
    expect(read(400, envelope('invalid_request_error', credit)).quota).to.equal(true);
    expect(read(429, envelope('rate_limit_error')).quota).to.equal(false);
    const quoted = 'stop_sequences: "your credit balance is too low" is not allowed';
    expect(read(400, envelope('invalid_request_error', quoted)).quota).to.equal(false);
  });
});

describe('an error inside a 200 of the anthropic dialect', () => {
  it('gets the status that its type stands for', () => {
    const statuses = {
      invalid_request_error: 400,
      authentication_error: 401,
      billing_error: 402,
      permission_error: 403,
      not_found_error: 404,
      request_too_large: 413,
      rate_limit_error: 429,
      api_error: 500,
      timeout_error: 504,
      overloaded_error: 529,
      unheard_of: null,
    };
    for (const [type, status] of Object.entries(statuses)) {
      expect(readErrorPayload(envelope(type))).to.include({ type, status });
    }
  });

  it('is null if there is no error', () => {
    expect(readErrorPayload({ type: 'ping' })).to.equal(null);
    expect(readErrorPayload({ type: 'error' })).to.include({ status: null });
  });

  it('is a status as a number beside a text, in place of an answer', () => {
    expect(readErrorPayload({ code: 400, message: 'm' })).to.include({ status: 400, message: 'm' });
    for (const payload of [{ code: 200, message: 'm' }, { code: 400 }, { code: 400, message: 'm', content: [] }]) {
      expect(readErrorPayload(payload)).to.equal(null);
    }
  });
});
