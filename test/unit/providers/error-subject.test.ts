/**
 * What errors of providers are about, told from texts and codes that real providers send. What a client can write into a
 * message must never exclude a key or a target.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type ErrorSubject, subjectOf } from '../../../src/providers/error-subject.ts';

const subject = (status: number | null, message: string, ...words: string[]) =>
  subjectOf({ status, words, message, flagged: false });

const rows: readonly (readonly [ErrorSubject | null, number | null, string, ...string[]])[] = [
  // Prompts that are too long, in the coats in which they come.
  ['length', 400, "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens."],
  ['length', 400, 'prompt is too long: 210000 tokens > 200000 maximum'],
  ['length', 400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  ['length', 400, 'Input is too long for requested model.'],
  [
    'length',
    400,
    'Prompt contains 70000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  ],
  ['length', 500, 'the request exceeds the available context size. try increasing the context size'],
  ['length', 500, 'something else', 'exceed_context_size_error'],
  ['length', null, 'the request exceeds the available context size'],
  ['length', null, 'anything', 'context_length_exceeded'],
  ['length', 422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048'],
  [null, 500, 'The server had an error while processing your request', 'server_error'],
  // Rate limits.
  ['never', 429, 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389.', 'tokens'],
  ['never', 429, 'Rate limit: requested 9,000 tokens, limit 6,000.'],
  [null, 429, 'Rate limit reached for gpt-4o: Limit 30000, Used 29000, Requested 4000.', 'rate_limit_exceeded'],
  [null, 429, 'Too many requests'],
  // Credit that does not cover this request.
  ['credit', 402, 'More credits are needed. You requested up to 4096 tokens, but can only afford 100.', '402'],
  ['credit', 402, 'Prompt tokens limit exceeded: 5,000 > 3000. To increase, visit the settings', '402'],
  [null, 402, 'You requested up to 4096 tokens, but can only afford 0.'],
  [null, 402, 'Insufficient credits'],
  // Keys.
  ['key', 401, 'anything at all'],
  ['key', 403, 'API key is disabled'],
  ['key', 403, 'Your API key has been revoked.'],
  ['key', 400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT', 'API_KEY_INVALID'],
  ['key', null, 'no', 'authentication_error'],
  [null, 403, 'Forbidden'],
  [null, 403, 'You said: my API key is invalid'],
  // Models.
  ['model', 404, 'The model `gpt-4.1` has been deprecated', 'model_not_found'],
  ['model', 404, 'model: claude-2'],
  ['model', 404, "model 'llama9' not found, try pulling it first"],
  ['model', 404, 'models/gemini-1.0-pro is not found for API version v1beta'],
  ['model', 404, 'No endpoints found for meta/llama'],
  ['model', 403, 'Project `p` does not have access to model `o3`'],
  ['model', 400, 'The model has been decommissioned', 'model_decommissioned'],
  [null, 404, 'File "model gpt-4 not found" does not exist'],
  // The model is there, but not with what this request asks for.
  [null, 404, 'No endpoints found that support tool use. To learn more about provider routing, visit: https://x.test'],
  [null, 404, 'No endpoints found that support image input'],
  [null, 404, 'No endpoints found matching your data policy.'],
  [null, 404, 'Not Found'],
  // Prompts against the provider's rules.
  ['content', 403, 'Your input was flagged'],
  ['content', 403, 'The request was blocked by our content policy'],
  ['content', 400, 'anything', 'content_policy_violation'],
  ['content', 403, "The model's response was blocked by the safety system"],
];

describe('what an error is about', () => {
  for (const [expected, status, message, ...words] of rows) {
    it(`is ${expected ?? 'unknown'}: ${status ?? 'in a 200'} ${words.join(' ')} "${message.slice(0, 60)}"`, () => {
      expect(subject(status, message, ...words)).to.equal(expected);
    });
  }

  it('is the content where the body says what was flagged', () => {
    expect(subjectOf({ status: 403, words: ['403'], message: 'No', flagged: true })).to.equal('content');
  });

  it('never excludes a key or a target by text that stands far into a message', () => {
    const quoted = `Invalid value: ${'x'.repeat(40)} API key is invalid. The model does not exist.`;
    for (const status of [400, 403, 404, 410, 422]) expect(subject(status, quoted)).to.not.be.oneOf(['key', 'model']);
  });
});
