import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readError } from '../../../../src/dialects/anthropic-messages/errors.ts';
import { brokenEnd, writeError } from '../../../../src/dialects/anthropic-messages/write-errors.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../../../src/shared/errors.ts';
import { thrownByClient } from './official-client.ts';

const facts = { owner: 'provider', provider: 'p', attempts: 'p=429', request_id: 'r1' };
const own = (code: ErrorCode) => new GatewayError(code, 'words');
const typeOf = (error: Parameters<typeof writeError>[0]) => JSON.parse(writeError(error).toString()).error.type;

describe('an error in the form of messages', () => {
  it('has the type, the words, the code and what the gateway adds', () => {
    expect(JSON.parse(writeError(own('rate_limited'), facts).toString())).to.deep.equal({
      type: 'error',
      error: { type: 'rate_limit_error', message: 'words', details: { error_code: 'rate_limited' }, headgate: facts },
      request_id: 'r1',
    });
    const wrong = new GatewayError('invalid_value', 'words', { param: 'top_p' });
    expect(JSON.parse(writeError(wrong).toString())).to.deep.equal({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'words',
        details: { error_code: 'invalid_value', param: 'top_p' },
      },
    });
  });

  it("has Anthropic's word for each code of the gateway", () => {
    const words: Partial<Record<ErrorCode, string>> = {
      invalid_json: 'invalid_request_error',
      invalid_api_key: 'authentication_error',
      host_not_allowed: 'permission_error',
      model_not_found: 'not_found_error',
      method_not_allowed: 'invalid_request_error',
      body_too_large: 'request_too_large',
      internal_error: 'api_error',
      provider_error: 'api_error',
      circuit_open: 'overloaded_error',
      provider_timeout: 'timeout_error',
    };
    for (const [code, word] of Object.entries(words)) expect(typeOf(own(code as ErrorCode))).to.equal(word);
    const known =
      /^(?:invalid_request|authentication|permission|not_found|rate_limit|api|timeout|overloaded)_error$|^request_too_large$/;
    for (const code of Object.keys(errorTable)) expect(typeOf(own(code as ErrorCode))).to.match(known);
  });

  it("has a known word for a provider's error of any dialect", () => {
    const words: [string, string | null, string][] = [
      ['billing_error', null, 'billing_error'],
      ['invalid_request_error', 'some_code', 'invalid_request_error'],
      ['insufficient_quota', 'insufficient_quota', 'billing_error'],
      ['tokens', 'rate_limit_exceeded', 'rate_limit_error'],
      ['BadRequestError', '400', 'invalid_request_error'],
    ];
    for (const [type, code, word] of words) {
      expect(typeOf({ message: 'x', type, param: null, code })).to.equal(word);
    }
  });

  it('tells of a prompt that is too long in the words that clients know', () => {
    const messageOf = (message: string) =>
      JSON.parse(writeError(new GatewayError('context_length_exceeded', message)).toString()).error.message;
    expect(messageOf('The maximum is 8192 tokens.')).to.equal('prompt is too long: The maximum is 8192 tokens.');
    expect(messageOf('Prompt is too long.')).to.equal('Prompt is too long.');
  });

  it('is read by the official client, and by another gateway', async () => {
    const thrown = await thrownByClient(429, writeError(own('rate_limited'), facts));
    expect(thrown).to.be.instanceOf(Anthropic.RateLimitError);
    expect(thrown).to.include({ status: 429, type: 'rate_limit_error' });
    const body = writeError(own('rate_limited'), facts);
    expect(readError(429, body)).to.include({ type: 'rate_limit_error', code: 'rate_limited', message: 'words' });
  });

  it('is an event of its name at the end of a broken stream', () => {
    const error = own('provider_stream_cut');
    expect(brokenEnd(error, facts).toString()).to.equal(`event: error\ndata: ${writeError(error, facts)}\n\n`);
  });
});
