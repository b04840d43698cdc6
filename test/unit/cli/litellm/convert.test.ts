/** That no file of LiteLLM's, however odd, ends the import by a fault of ours. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { convertLitellm } from '../../../../src/cli/litellm/convert.ts';

const name = fc.constantFrom('m', 'n', 'gpt/*', '*', 'gpt/x', '__proto__', 'constructor', '');
const value = fc.oneof(
  { depthSize: 'small' },
  name,
  fc.constantFrom(null, true, 0, -1, 1e9, 'os.environ/KEY', '20_000', '$' + '{X}'),
  fc.array(name, { maxLength: 3 }),
  fc.dictionary(name, fc.oneof(name, fc.array(name, { maxLength: 2 }), fc.integer()), { maxKeys: 2 }),
  fc.array(fc.dictionary(name, fc.array(fc.oneof(name, fc.integer()), { maxLength: 3 }), { maxKeys: 2 }), {
    maxLength: 3,
  }),
);

/** A mapping of some of these keys. */
const block = (...keys: readonly string[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] }) },
    value,
  );

const params = fc.record(
  {
    model: fc.oneof(
      fc.constantFrom('openai/*', 'openai/a', 'azure/b', 'bedrock/us-east-1/c', 'vertex_ai/d', 'zai/e'),
      value,
    ),
    ...Object.fromEntries(
      ['api_key', 'api_base', 'order', 'weight', 'rpm', 'timeout', 'extra_body', 'extra_headers', 'max_tokens'].map(
        (key) => [key, value],
      ),
    ),
    litellm_credential_name: value,
    additional_drop_params: value,
  },
  { requiredKeys: ['model'] },
);
const tree = fc.record(
  {
    model_list: fc.oneof(
      { weight: 9, arbitrary: fc.array(fc.record({ model_name: fc.oneof(name, value), litellm_params: params })) },
      value,
    ),
    router_settings: block(
      ...['fallbacks', 'default_fallbacks', 'context_window_fallbacks', 'model_group_alias', 'max_fallbacks'],
      ...['routing_strategy', 'num_retries', 'timeout', 'allowed_fails', 'cooldown_time'],
    ),
    litellm_settings: block('fallbacks', 'default_fallbacks', 'context_window_fallbacks', 'request_timeout'),
    credential_list: value,
    general_settings: block('master_key'),
  },
  { requiredKeys: [] },
);

describe('the import of anything', () => {
  it('ends with a configuration and a list of what was left', () => {
    fc.assert(
      fc.property(tree, (given) => {
        const { config, left } = convertLitellm(given);
        expect(config).to.include.keys('server', 'providers', 'models');
        expect(left.filter(({ path, why }) => path === '' || why === '')).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });
});
