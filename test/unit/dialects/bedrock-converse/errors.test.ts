/** Bedrock's errors, and what the gateway makes of them. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { errorNamed, readError } from '../../../../src/dialects/bedrock-converse/errors.ts';
import type { UpstreamError } from '../../../../src/dialects/upstream-error.ts';
import { classify } from '../../../../src/shared/classify.ts';

const judged = ({ status, quota, subject }: UpstreamError) =>
  classify({ kind: 'status', status: status ?? 0, quota, subject });

const ofBody = (status: number, body: unknown) =>
  readError(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

/** Status, message, what it is about, and what becomes of it. */
const bodies: readonly (readonly [number, string, UpstreamError['subject'], string])[] = [
  [
    400,
    'The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum',
    'length',
    'client_error',
  ],
  [400, 'Input is too long for requested model.', 'length', 'client_error'],
  [400, 'Input Tokens Exceeded: Number of input tokens exceeds maximum length.', 'length', 'client_error'],
  [400, 'Malformed input request: expected maxLength: 20000, actual: 31415, please reformat', 'length', 'client_error'],
  [400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', 'length', 'client_error'],
  [400, 'The toolConfig field must be defined when using toolUse and toolResult content blocks.', null, 'client_error'],
  [400, "This model doesn't support tool use in streaming mode.", null, 'client_error'],
  [400, 'The provided model identifier is invalid.', 'model', 'model_unavailable'],
  [
    400,
    'Invocation of model ID meta.llama3-3-70b-instruct-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.',
    'model',
    'model_unavailable',
  ],
  [403, "You don't have access to the model with the specified model ID.", 'model', 'model_unavailable'],
  [
    403,
    'User: arn:aws:iam::1:user/a is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:x because no identity-based policy allows the bedrock:InvokeModel action',
    'model',
    'model_unavailable',
  ],
  [403, 'The security token included in the request is invalid.', 'key', 'auth_error'],
  [403, 'The security token included in the request is expired', 'key', 'auth_error'],
  [
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key',
    'key',
    'auth_error',
  ],
  [403, 'Authentication failed: Please make sure your API Key is valid.', 'key', 'auth_error'],
  [404, 'Could not resolve the foundation model from the provided model identifier.', 'model', 'model_unavailable'],
  [404, 'This model version has reached the end of its life.', 'model', 'model_unavailable'],
  [408, 'Model has timed out in processing the request. Try your request again.', null, 'server_error'],
  [
    424,
    'The system encountered an unexpected error during processing. Try your request again.',
    'provider',
    'server_error',
  ],
  [429, 'Too many requests, please wait before trying again.', null, 'rate_limited'],
  [429, 'Too many tokens, please wait before trying again.', null, 'rate_limited'],
  [429, 'The model specified in the request is not ready to serve inference requests.', null, 'rate_limited'],
  [500, 'The system encountered an unexpected error during processing.', null, 'server_error'],
  [503, 'Bedrock is unable to process your request.', null, 'server_error'],
];

describe('an error of Bedrock', () => {
  for (const [status, message, subject, outcome] of bodies) {
    it(`is judged by its status and its words: ${status} ${message.slice(0, 60)}`, () => {
      const error = ofBody(status, { message });
      expect(error).to.include({ status, message, subject, quota: false, type: 'upstream_error' });
      expect(judged(error).outcome).to.equal(outcome);
    });
  }

  it('says that a day’s tokens, or the account’s quota, have run out', () => {
    for (const [status, message] of [
      [429, 'Too many tokens per day, please wait before trying again.'],
      [400, 'Your request exceeds the service quota for your account.'],
    ] as const) {
      const error = ofBody(status, { message });
      expect([error.quota, judged(error).outcome]).to.deep.equal([true, 'rate_limited']);
    }
  });

  it('does not blame the key for a clock that differs', () => {
    const message = 'Signature expired: 20261127T110000Z is now earlier than 20261127T112000Z';
    expect(ofBody(403, { __type: 'InvalidSignatureException', message }).subject).to.equal(null);
  });

  it('has the name that its body bears, and the message under either name', () => {
    expect(ofBody(403, { __type: 'com.amazon.coral.service#UnrecognizedClientException', message: 'a' })).to.include({
      type: 'UnrecognizedClientException',
      subject: 'key',
    });
    expect(ofBody(403, { Message: 'User is not allowed' })).to.include({ message: 'User is not allowed' });
    const unknown = { Output: { __type: 'com.amazon.coral.service#UnknownOperationException' }, Version: '1.0' };
    expect(ofBody(404, unknown)).to.include({ type: 'UnknownOperationException', subject: 'address' });
  });

  it('tells clients by OpenAI’s code that a conversation is too long', () => {
    expect(ofBody(400, { message: 'Input is too long for requested model.' }).code).to.equal('context_length_exceeded');
  });

  it('is read from any body', () => {
    expect(ofBody(404, '<html>').subject).to.equal('address');
    expect(ofBody(403, '<html>').subject).to.equal('firewall');
    expect(ofBody(500, '')).to.include({ message: 'the provider answered 500', status: 500 });
  });

  it('stands within a stream for the status that its name has', () => {
    const statusOf = (name: string) => errorNamed(name, { message: 'a' }).status;
    expect(['throttlingException', 'ModelNotReadyException', 'modelTimeoutException'].map(statusOf)).to.deep.equal([
      429, 429, 408,
    ]);
    expect(statusOf('somethingNew')).to.equal(null);
  });
});
