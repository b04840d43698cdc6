/** What LiteLLM says of a provider, or does not. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { convert, deployment, modelList } from '../../../helpers/from-litellm.ts';

const at = (name: string) => `model_list[0].litellm_params.${name}`;

describe('a provider of LiteLLM', () => {
  it('has the settings of the credential that its deployment names, under its own', () => {
    const credentials = `credential_list:
  - credential_name: one
    credential_values: { api_key: os.environ/KEY, api_base: "https://one.openai.azure.com", api_version: "2024-10-21" }
    credential_info: { description: d }
  - credential_name: two
    credential_values: { api_key: os.environ/EU }
`;
    const { loaded, left } = convert(
      deployment('model: azure/d, litellm_credential_name: one, api_version: "2025-01-01"', credentials),
    );
    expect(loaded.providers.azure).to.deep.include({ baseUrl: 'https://one.openai.azure.com' });
    expect(loaded.providers.azure?.settings).to.deep.equal({ api_version: '2025-01-01' });
    expect(loaded.providers.azure?.keys[0]?.key).to.equal('sk-test-test');
    expect(Object.keys(left)).to.deep.equal([
      'credential_list[1].credential_name',
      'credential_list[1].credential_values.api_key',
    ]);
    expect(convert(deployment('model: groq/x, litellm_credential_name: gone')).left).to.have.property(
      at('litellm_credential_name'),
    );
  });

  it('has the first variable that is set, of those where LiteLLM looks', () => {
    const bedrock = deployment('model: bedrock/amazon.nova-pro-v1:0');
    const { loaded, left } = convert(bedrock, { AWS_REGION: 'eu-west-1' });
    expect(loaded.providers.bedrock?.settings).to.deep.equal({ region: 'eu-west-1' });
    expect(left[at('aws_region_name')]).to.include('AWS_REGION_NAME, AWS_REGION');
    expect(convert(bedrock, { AWS_REGION_NAME: 'eu-west-2' }).loaded.providers.bedrock?.settings).to.deep.equal({
      region: 'eu-west-2',
    });
    const gemini = convert(deployment('model: gemini/gemini-3-flash'), { GOOGLE_API_KEY: 'g-key-g-key' });
    expect(gemini.loaded.providers.gemini?.keys[0]?.key).to.equal('g-key-g-key');
  });

  it('has the place that all of Vertex have, or that of LiteLLM', () => {
    const text = deployment('model: vertex_ai/gemini-3-pro');
    const settings = 'litellm_settings: { vertex_project: p-2, vertex_location: europe-west4 }';
    expect(convert(text + settings).loaded.providers.vertex?.settings).to.deep.equal({
      project: 'p-2',
      location: 'europe-west4',
    });
    const other = deployment('model: vertex_ai/gemini-3-pro, vertex_ai_project: p-3, vertex_ai_location: us-east5');
    expect(convert(other).loaded.providers.vertex?.settings).to.deep.equal({ project: 'p-3', location: 'us-east5' });
    const { loaded, left } = convert(text);
    expect(loaded.providers.vertex?.settings).to.deep.equal({ project: 'p-1', location: 'us-central1' });
    expect(left).to.have.property(at('vertex_location'));
  });

  it('has its region, its endpoint and its profile of Bedrock wherever they stand', () => {
    const { loaded } = convert(
      modelList(
        ['a', 'model: bedrock/us-west-2/anthropic.claude-3-haiku-20240307-v1:0'],
        ['b', 'model: bedrock/x, model_id: "arn:aws:bedrock:us-east-1:1:p/q", aws_region_name: us-east-1'],
        ['c', 'model: bedrock/x, aws_region_name: us-east-1, aws_bedrock_runtime_endpoint: "https://vpce.example"'],
      ),
    );
    expect(loaded.providers.bedrock?.settings).to.deep.equal({ region: 'us-west-2' });
    expect(loaded.models.a?.targets[0]?.model).to.equal('anthropic.claude-3-haiku-20240307-v1:0');
    expect(loaded.models.b?.targets[0]?.model).to.equal('arn:aws:bedrock:us-east-1:1:p/q');
    expect(loaded.providers['bedrock-3']?.baseUrl).to.equal('https://vpce.example');
  });

  const names: readonly [string, string, string][] = [
    ['openai/responses/gpt-5', 'openai', 'gpt-5'],
    ['fireworks_ai/llama-v3', 'fireworks', 'accounts/fireworks/models/llama-v3'],
    ['anthropic.claude-3-haiku-20240307-v1:0', 'bedrock', 'anthropic.claude-3-haiku-20240307-v1:0'],
    ['ft:gpt-4o:org::id', 'openai', 'ft:gpt-4o:org::id'],
    ['openai//models/x.gguf', 'openai', '/models/x.gguf'],
  ];
  for (const [name, type, model] of names) {
    it(`is of type ${type} for ${name}`, () => {
      const environment = { AWS_REGION: 'eu-west-1', FIREWORKS_API_KEY: 'f-key-f-key' };
      const { loaded } = convert(deployment(`model: "${name}"`), environment);
      const [target] = loaded.models.m?.targets ?? [];
      expect([target?.provider, target?.model]).to.deep.equal([type, model]);
    });
  }

  it('is of type openai with its own address where it speaks that API', () => {
    const { loaded, left } = convert(deployment('model: moonshot/kimi-k2'), { MOONSHOT_API_KEY: 'm-key-m-key' });
    expect(loaded.providers.openai).to.deep.include({ type: 'openai', baseUrl: 'https://api.moonshot.ai/v1' });
    expect([loaded.providers.openai?.keys[0]?.key, left]).to.deep.equal(['m-key-m-key', {}]);
  });

  it('is named where it is not asked here for what the model is for', () => {
    const { left } = convert(
      `${modelList(
        ['a', 'model: bedrock/cohere.embed-english-v3, aws_region_name: us-east-1'],
        ['b', 'model: openai/text-embedding-3-small'],
        ['c', 'model: openai/gpt-4o-realtime-preview'],
      )}  - { model_name: d, litellm_params: { model: groq/x }, model_info: { mode: image_generation } }\n`,
    );
    expect(Object.keys(left).filter((path) => path.endsWith('.model'))).to.deep.equal(
      [0, 2, 3].map((index) => `model_list[${index}].litellm_params.model`),
    );
    expect(left[at('model')]).to.equal('embedding: a provider of type bedrock is not asked for it here');
  });

  it('has no key for Vertex, and no reference where LiteLLM has none', () => {
    const vertex = convert(
      deployment('model: vertex_ai/gemini-3-pro, api_key: os.environ/KEY, vertex_location: global'),
    );
    expect([vertex.loaded.providers.vertex?.keys[0]?.key ?? '', Object.keys(vertex.left)]).to.deep.equal([
      '',
      [at('api_key')],
    ]);
    const template = '$' + '{KEY}';
    const { loaded, left } = convert(deployment(`model: openai/x, api_key: "${template}"`));
    expect(loaded.providers.openai?.keys[0]?.key).to.equal(template);
    expect(left[at('api_key')]).to.include('if something fills the file in');
  });

  it('is not guessed from a variable, nor from a star', () => {
    const list = modelList(['a', 'model: os.environ/MODEL'], ['b', 'model: "*"'], ['m', 'model: openai/x']);
    const { left } = convert(list);
    expect(left['model_list[0]']).to.include('os.environ/MODEL');
    expect(left['model_list[1]']).to.include('openai/*');
  });
});

describe('parameters of a deployment', () => {
  it('are set from extra_body where the API is of the same form, and named where it is not', () => {
    const body = 'extra_body: { chat_template_kwargs: { enable_thinking: false }, note: "$' + '{A}" }';
    const { loaded, left } = convert(deployment(`model: openai/x, ${body}`));
    expect(loaded.models.m?.defaults).to.deep.equal([
      { name: 'chat_template_kwargs', json: '{"enable_thinking":false}' },
      { name: 'note', json: '"$' + '{A}"' },
    ]);
    expect(left).to.deep.equal({});
    expect(convert(deployment(`model: anthropic/x, api_key: k, ${body}`)).left).to.include.keys(at('extra_body.note'));
  });

  it('are named where a number is none, or a header no text', () => {
    const { left, loaded } = convert(
      deployment('model: openai/x, timeout: 0, max_tokens: many, organization: 42, extra_headers: { a: 1, b: [] }'),
    );
    expect(loaded.providers.openai?.headers).to.deep.include({ a: '1' });
    expect(Object.keys(left).sort()).to.deep.equal([at('extra_headers.b'), at('max_tokens'), at('timeout')]);
  });
});

describe('settings for all deployments', () => {
  it('are times, attempts and circuits', () => {
    const { loaded, left } = convert(
      deployment(
        'model: openai/x, timeout: 1800',
        'router_settings: { timeout: 90, stream_timeout: 20, allowed_fails: 3, cooldown_time: 600, num_retries: 20 }',
      ),
    );
    const [target] = loaded.models.m?.targets ?? [];
    expect(target?.timeouts).to.deep.include({ totalMs: 1_800_000, headersMs: 1_800_000, firstContentMs: 1_800_000 });
    const { timeouts, circuit, retry } = loaded.providers.openai ?? {};
    expect([timeouts?.totalMs, timeouts?.firstContentMs]).to.deep.equal([90_000, 20_000]);
    expect([circuit?.minFailures, circuit?.openForMs, circuit?.maxOpenForMs]).to.deep.equal([4, 600_000, 600_000]);
    expect(retry?.attempts).to.equal(10);
    expect(left).to.include.keys('router_settings.num_retries', 'router_settings.allowed_fails', at('timeout'));
  });

  it('have the key of a variable where the file has none', () => {
    const text = deployment('model: openai/x');
    expect(convert(text).loaded.server.keys).to.deep.equal([]);
    expect(convert(text, { LITELLM_MASTER_KEY: 'sk-of-the-host' }).loaded.server.keys).to.deep.equal([
      'sk-of-the-host',
    ]);
  });
});
