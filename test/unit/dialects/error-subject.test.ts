/**
 * What errors of providers are about, told from texts and codes that real providers send. What a client can write into a
 * message must never exclude a key or a target.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type ErrorSubject, subjectOf, subjectOfForm } from '../../../src/dialects/error-subject.ts';

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
  // Zhipu, Moonshot, Alibaba, GitHub Copilot.
  ['length', 400, 'Prompt exceeds max length', '1261'],
  ['length', 400, 'Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)'],
  ['length', 400, '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]'],
  ['length', 400, 'of another kind', 'model_max_prompt_tokens_exceeded'],
  [null, 400, "Invalid 'tools[0].function.name': string exceeds max length of 64"],
  ['length', 500, 'the request exceeds the available context size. try increasing the context size'],
  ['length', 500, 'something else', 'exceed_context_size_error'],
  ['length', null, 'the request exceeds the available context size'],
  ['length', null, 'anything', 'context_length_exceeded'],
  ['length', 422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048'],
  [null, 500, 'The server had an error while processing your request', 'server_error'],
  // What a model of Groq's has written.
  ['form', 400, 'Failed to call a function. Please adjust your prompt.', 'tool_use_failed', 'invalid_request_error'],
  ['form', null, 'Failed to generate JSON.', 'json_validate_failed'],
  [null, 400, 'tool_use_failed is not a valid tool', 'invalid_request_error'],
  // Prompts that are too long, in more servers' words; and a host without memory, which is not the caller's fault.
  ['length', 500, 'Request prompt has 5000 tokens in total, larger than the model input length limit 4096.'],
  ['length', 500, 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.'],
  ['length', 500, 'input (5000 tokens) is too large to process. increase the physical batch size'],
  ['length', 500, 'Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)'],
  ['length', 500, 'Input length (5000 tokens) exceeds the maximum allowed length (4096 tokens).'],
  ['length', 500, 'litellm.ContextWindowExceededError: litellm.BadRequestError: too long'],
  [null, 500, 'CUDA out of memory while allocating KV cache for context length 131072'],
  [null, 503, 'Loading model, context size 8192. Please retry later'],
  // A key, a model or credentials that a request names are not the gateway's.
  [null, 400, 'Invalid credentials in tool definition "gmail"'],
  [null, 400, 'Unknown api_key parameter'],
  [null, 400, 'Authentication token for MCP server is missing'],
  [null, 424, 'tool list of the MCP server: unauthorized', 'unauthorized'],
  [null, 403, 'The API key "sk-abc" found in your prompt must not be sent to third parties'],
  [null, 403, 'Your API key does not have permission to use the specified resource.', 'permission_error'],
  [null, 403, 'This model is not allowed to answer this request'],
  [null, 404, 'Model response with id resp_1 not found', 'previous_response_not_found'],
  ['key', 403, 'Your API key has expired.'],
  ['key', 400, 'API key not valid. Please pass a valid API key.'],
  ['model', 403, 'You are not allowed to sample from this model'],
  ['model', 403, 'You do not have permission to access tuned model tunedModels/x'],
  ['model', 404, 'The engine text-davinci-003 is no longer available'],
  ['model', 404, 'gpt-4.5-preview has been retired'],
  // Rate limits with units and in other orders.
  ['never', 429, 'Token limit is 30000 TPM, you requested 36085 tokens'],
  ['never', 429, 'The requested 36085 tokens exceed the limit of 30000'],
  ['never', 429, 'Requested tokens: 36085, limit: 30000'],
  ['never', 429, 'Limit 30K, Requested 36K'],
  [null, 429, 'Limit 1.5M, Requested 2000'],
  // Rate limits.
  ['never', 429, 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389.', 'tokens'],
  ['never', 429, 'Rate limit: requested 9,000 tokens, limit 6,000.'],
  [null, 429, 'Rate limit reached for gpt-4o: Limit 30000, Used 29000, Requested 4000.', 'rate_limit_exceeded'],
  [null, 429, 'Too many requests'],
  ['never', 429, 'Extra usage is required for long context requests.', 'rate_limit_error'],
  ['never', 429, 'The long context beta is not yet available for this subscription.', 'rate_limit_error'],
  ['never', 429, 'Long context requests require extra usage.', 'rate_limit_error'],
  ['length', 429, 'prompt is too long: 210000 tokens > 200000 maximum', 'rate_limit_error'],
  ['length', 429, 'anything', 'context_length_exceeded'],
  [
    null,
    429,
    'This request would exceed the rate limit for your organization of 1,000,000 long context input tokens per minute.',
  ],
  // What a server answers 500 to, though it is the request.
  ['request', 500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
  ['request', 500, 'image input is not supported by this server', 'server_error'],
  ['request', 500, 'This model does not support tools'],
  ['request', 500, 'tools param requires --jinja flag'],
  ['request', 500, 'unsupported content[].type'],
  ['request', 500, 'Failed to load image: cannot open the file'],
  [
    'request',
    500,
    'Conversation roles must alternate user/assistant/user/assistant/... at row 19, column 27:\n {%- if',
  ],
  [
    'request',
    500,
    `\n------------\nWhile executing CallExpression at line 189, column 32 in source:\n...== 0) %}${' '.repeat(300)}^\nError: Jinja Exception: roles`,
  ],
  ['request', null, 'image input is not supported'],
  ['request', 500, 'litellm.BadRequestError: OpenAIException - Invalid value for temperature'],
  ['length', 500, 'context shift is disabled', 'server_error'],
  [
    'content',
    500,
    "litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  ],
  [null, 500, 'CUDA error: out of memory'],
  [null, 503, 'The model is loading. Failed to load model weights'],
  [null, 500, 'litellm.InternalServerError: AnthropicException - Overloaded'],
  [null, 500, 'Internal server error: this operation is not supported at the moment'],
  ['capacity', 498, 'Flex tier capacity exceeded for model `x`.', 'capacity_exceeded'],
  ['provider', 424, 'Request failed during generation: CUDA out of memory', 'generation'],
  [null, 424, 'The file could not be fetched'],
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
  // A 401 that is not about the key.
  ['model', 401, 'Model definitely-not-a-real-model-xyz is not supported', 'ModelError'],
  ['model', 401, 'no', 'model_not_found'],
  ['behind', 401, 'Provider returned error', '401'],
  ['request', 401, 'OpenAI-Organization header should match organization for API key', 'mismatched_organization'],
  ['request', 401, 'No such organization: org-1.', 'invalid_organization'],
  ['key', 401, 'Model access requires a valid API key'],
  ['key', 401, 'You said: Model x is not supported'],
  // A 403 about a file.
  ['request', 403, 'You do not have permission to access the File abc123 or it may not exist.', 'PERMISSION_DENIED'],
  ['request', 403, 'CachedContent not found (or permission denied)', 'PERMISSION_DENIED'],
  [null, 404, 'File files/model-gpt-4 not found'],
  // Models.
  ['model', 404, 'The model `gpt-4.1` has been deprecated', 'model_not_found'],
  ['model', 404, 'model: claude-2'],
  ['model', 404, "model 'llama9' not found, try pulling it first"],
  ['model', 404, 'models/gemini-1.0-pro is not found for API version v1beta'],
  ['model', 404, 'No endpoints found for meta/llama'],
  ['model', 403, 'Project `p` does not have access to model `o3`'],
  ['model', 400, 'The model has been decommissioned', 'model_decommissioned'],
  [null, 404, 'File "model gpt-4 not found" does not exist'],
  ['model', 400, 'deepseek/deepseek-chat-v3.2 is not a valid model ID', '400'],
  ['model', 400, 'Invalid model: mistral-medium-3.5', 'invalid_model', '1500'],
  ['model', 400, 'Model Not Exist', 'invalid_request_error'],
  ['model', 404, "Function '23d4f03a-b8a6-4adb-a183-7daa083a09cc': Not found for account 'Qawm'"],
  ['model', 400, "Function id '87ea0ddc-cff1-4bca-bf8b-3bd98a35ddd0': DEGRADED function cannot be invoked"],
  ['model', 400, 'Project `tides` is not allowed to use Publisher Model `projects/p/models/claude-sonnet-5`'],
  ['model', 404, 'Publisher Model `projects/p/models/claude-sonnet-5` was not found or your project has no access'],
  [null, 400, "'x is not a valid model ID' is not one of ['system', 'user']"],
  [null, 400, 'x is not a valid model ID is not a valid role'],
  [null, 400, 'The model does not support images'],
  [null, 404, 'No such File object: file-abc'],
  [null, 404, "Function 'get_weather' is not a function of this request"],
  // The model is there, but not with what this request asks for.
  [null, 404, 'No endpoints found that support tool use. To learn more about provider routing, visit: https://x.test'],
  [null, 404, 'No endpoints found that support image input'],
  [null, 404, 'No endpoints found matching your data policy.'],
  [null, 404, 'Not Found'],
  // Prompts against the provider's rules.
  ['content', 403, 'Your input was flagged'],
  ['content', 403, 'The request was blocked by our content policy'],
  ['content', 400, 'anything', 'content_policy_violation'],
  ['content', null, 'anything', 'image_content_policy_violation'],
  ['content', null, 'anything', 'bio_policy'],
  ['request', null, "Error retrieving tool list from MCP server: 'x'. Http status code: 401", 'http_error'],
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

  it('is the firewall where a 403 is a page', () => {
    expect(subjectOfForm(403, Buffer.from('\n<!DOCTYPE html><html>'))).to.equal('firewall');
    expect(subjectOfForm(403, Buffer.from('Forbidden'))).to.equal(null);
    expect(subjectOfForm(401, Buffer.from('<html>'))).to.equal(null);
  });

  it('is the configured address where a 404 or 405 has no JSON', () => {
    expect([404, 405].map((status) => subjectOfForm(status, Buffer.from('404 page not found')))).to.deep.equal([
      'address',
      'address',
    ]);
  });

  it('is the provider behind a broker where the broker names it, and then not the key', () => {
    const error = { status: 401, words: ['401'], message: 'invalid x-api-key', flagged: false };
    expect(subjectOf({ ...error, behind: true })).to.equal('behind');
  });

  it('never excludes a key or a target by text that stands far into a message', () => {
    const quoted = `Invalid value: ${'x'.repeat(40)} API key is invalid. The model does not exist.`;
    for (const status of [400, 403, 404, 410, 422]) expect(subject(status, quoted)).to.not.be.oneOf(['key', 'model']);
  });
});
