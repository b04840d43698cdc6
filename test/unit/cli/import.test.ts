/** `headgate import litellm`: what is carried over, and that the rest is named. */
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { parse } from 'yaml';
import { Workplace } from '../../helpers/command.ts';
import { convert, deployment } from '../../helpers/from-litellm.ts';

describe('a deployment of LiteLLM', () => {
  it('becomes a provider and a target, with its key as a reference', () => {
    const { loaded, left } = convert(deployment('model: groq/llama-3, api_key: os.environ/KEY'));
    expect(loaded.models.m?.targets.map(({ provider, model }) => [provider, model])).to.deep.equal([
      ['groq', 'llama-3'],
    ]);
    expect(loaded.providers.groq?.keys[0]?.key).to.equal('sk-test-test');
    expect(left).to.deep.equal({});
  });

  it('has the variable that LiteLLM would read, where no key is given', () => {
    const { loaded } = convert(deployment('model: gpt-5-mini'));
    expect(loaded.providers.openai?.keys[0]?.key).to.equal('sk-usual');
  });

  it('shares its provider with those of the same address and key alone', () => {
    const { loaded } = convert(`model_list:
  - { model_name: a, litellm_params: { model: openai/x, api_key: os.environ/KEY } }
  - { model_name: b, litellm_params: { model: openai/y, api_key: os.environ/KEY } }
  - { model_name: c, litellm_params: { model: openai/y, api_key: os.environ/EU, api_base: "http://127.0.0.1:7001/v1" } }`);
    expect(Object.keys(loaded.providers)).to.deep.equal(['openai', 'openai-2']);
    expect(loaded.models.c?.targets[0]?.provider).to.equal('openai-2');
  });

  const settings: readonly [string, string, object][] = [
    [
      'azure',
      'model: azure/dep, api_base: "https://r.openai.azure.com", api_version: "2024-10-21"',
      { api_version: '2024-10-21' },
    ],
    [
      'bedrock',
      'model: bedrock/converse/amazon.nova-pro-v1:0, aws_region_name: eu-central-1, aws_profile_name: p',
      { region: 'eu-central-1', profile: 'p' },
    ],
    [
      'vertex',
      'model: vertex_ai/gemini-3-pro, vertex_project: p-1, vertex_location: us-central1, vertex_credentials: /sa.json',
      { project: 'p-1', location: 'us-central1', credentials_file: '/sa.json' },
    ],
  ];
  for (const [type, params, expected] of settings) {
    it(`keeps the settings of its cloud: ${type}`, () => {
      const { loaded, left } = convert(deployment(params));
      expect(loaded.providers[type]?.settings).to.deep.equal(expected);
      expect(left).to.deep.equal({});
    });
  }

  it('keeps its price, its limit, its times and its parameters', () => {
    const params = 'model: openai/x, max_tokens: 100, timeout: 30, stream_timeout: 1.5, temperature: 0.2';
    const cost = 'input_cost_per_token: 0.0000025, output_cost_per_token: 1.0e-05';
    const { loaded, left } = convert(deployment(`${params}, ${cost}`));
    const target = loaded.models.m?.targets[0];
    expect([target?.maxTokens, target?.timeouts.totalMs, target?.timeouts.firstContentMs]).to.deep.equal([
      100, 30_000, 1500,
    ]);
    expect(loaded.models.m?.defaults).to.deep.equal([{ name: 'temperature', json: '0.2' }]);
    expect(target?.price?.periods[0]?.rates).to.deep.include({ input: 2_500_000, output: 10_000_000 });
    expect(Object.keys(left)).to.deep.equal(['model_list[0].litellm_params.timeout']);
  });

  it('is named where there is no such provider, or none is named', () => {
    const { left } = convert(`model_list:
  - { model_name: a, litellm_params: { model: cohere/command-r } }
  - { model_name: b, litellm_params: { model: some-name } }
  - { model_name: c, litellm_params: {} }
  - { model_name: d, litellm_params: { model: openai/x } }`);
    expect(Object.keys(left)).to.deep.equal(['model_list[0]', 'model_list[1]', 'model_list[2]']);
    expect(left['model_list[0]']).to.include('cohere');
  });

  it('keeps a literal key, and says that it should be a variable', () => {
    const { loaded, left } = convert(deployment('model: openai/x, api_key: "sk-literal-$' + '{NAME}"'));
    expect(loaded.providers.openai?.keys[0]?.key).to.equal('sk-literal-$' + '{NAME}');
    expect(left).to.have.property('model_list[0].litellm_params.api_key');
    expect(JSON.stringify(left)).to.not.include('sk-literal');
  });
});

describe('deployments of one name', () => {
  const two = `model_list:
  - { model_name: m, litellm_params: { model: openai/a, weight: 2 } }
  - { model_name: m, litellm_params: { model: openai/b, weight: 1 } }
  - { model_name: n, litellm_params: { model: openai/c } }
`;

  function shape(text: string) {
    const { loaded, left } = convert(text);
    const model = loaded.models.m;
    return { balance: model?.balance, targets: model?.targets.map((each) => [each.model, each.level]), left, model };
  }

  it('are one level, spread by the strategy of the router', () => {
    const level = [
      ['a', 0],
      ['b', 0],
    ];
    expect(shape(two)).to.deep.include({ balance: 'weighted', targets: level });
    const strategy = (name: string) => shape(`${two}router_settings: { routing_strategy: ${name} }`);
    expect(strategy('least-busy').balance).to.equal('load');
    expect(strategy('latency-based-routing').balance).to.equal('latency');
    expect(strategy('cost-based-routing').left).to.have.property('router_settings.routing_strategy');
  });

  it('are levels of their own by their order', () => {
    const text = two.replace('weight: 2', 'order: 2').replace(', weight: 1', '');
    expect(shape(text).targets).to.deep.equal([
      ['b', 0],
      ['a', 1],
    ]);
  });

  it('are followed by what LiteLLM falls back to', () => {
    const { targets, left } = shape(`${two}litellm_settings: { fallbacks: [{ m: [n, gone] }] }`);
    expect(targets).to.deep.equal([
      ['a', 0],
      ['b', 0],
      ['c', 1],
    ]);
    expect(left['litellm_settings.fallbacks']).to.include('gone');
  });

  it('have their aliases, and their models for long contexts', () => {
    const router = '{ model_group_alias: { another: m, lost: gone }, context_window_fallbacks: [{ m: [n] }] }';
    const { model, left } = shape(`${two}router_settings: ${router}`);
    expect([model?.aliases, model?.fallbacks.context]).to.deep.equal([['another'], ['n']]);
    expect(left).to.have.property('router_settings.model_group_alias.lost');
  });

  it('have each target once, where deployments are the same or a model that is fallen back to has it too', () => {
    const { loaded, left } = convert(`model_list:
  - { model_name: a, litellm_params: { model: groq/x } }
  - { model_name: a, litellm_params: { model: groq/x, rpm: 5 } }
  - { model_name: b, litellm_params: { model: groq/x } }
  - { model_name: b, litellm_params: { model: groq/y } }
router_settings: { fallbacks: [{ a: [b] }] }`);
    expect(loaded.models.a?.targets.map(({ model }) => model)).to.deep.equal(['x', 'y']);
    expect(left).to.have.property('model_list[1].litellm_params').that.includes('written once');
    expect(left).to.have.property('router_settings.fallbacks').that.includes('a → b');
  });

  it('name what becomes of parameters of one of them, and of an alias that is hidden', () => {
    const { loaded, left } = convert(`model_list:
  - { model_name: a, litellm_params: { model: groq/x, temperature: 0.5 } }
  - { model_name: a, litellm_params: { model: groq/y } }
router_settings: { model_group_alias: { old: { model: a, hidden: true } } }
general_settings: { custom_auth: auth.check }`);
    expect(loaded.models.a?.defaults).to.deep.equal([{ name: 'temperature', json: '0.5' }]);
    expect(left['model_list[0].litellm_params.temperature']).to.equal(
      'is set for all of a, not for this deployment alone',
    );
    expect(left['router_settings.model_group_alias.old.hidden']).to.include('/v1/models');
    expect(left['general_settings.custom_auth']).to.include('server.keys');
  });

  it('have the parameters of the first that sets one, and the others are named', () => {
    const text = two.replace('weight: 2', 'temperature: 0').replace('weight: 1', 'temperature: 1');
    const { model, left } = shape(text);
    expect(model?.defaults).to.deep.equal([{ name: 'temperature', json: '0' }]);
    expect(left).to.have.property('model_list[1].litellm_params.temperature');
  });
});

describe('what LiteLLM has besides models', () => {
  it('is carried over or named, every leaf of it', () => {
    const { loaded, left } = convert(`${deployment('model: openai/x, rpm: 5, unheard_of: { deep: [1] }')}
router_settings: { num_retries: 2, redis_host: h, timeout: 30 }
litellm_settings: { num_retries: 2, request_timeout: 600, callbacks: [langfuse], drop_params: true }
general_settings: { master_key: os.environ/KEY, database_url: os.environ/DB }
environment_variables: { A: b }
`);
    expect(loaded.providers.openai?.retry.attempts).to.equal(3);
    expect(loaded.providers.openai?.timeouts.totalMs).to.equal(30_000);
    expect(loaded.server.keys).to.deep.equal(['sk-test-test']);
    expect(Object.keys(left).sort()).to.deep.equal([
      'environment_variables.A',
      'general_settings.database_url',
      'litellm_settings.callbacks[0]',
      'litellm_settings.drop_params',
      'litellm_settings.request_timeout',
      'model_list[0].litellm_params.rpm',
      'model_list[0].litellm_params.unheard_of.deep[0]',
      'router_settings.redis_host',
      'router_settings.timeout',
    ]);
    expect(Object.values(left).filter((why) => why === '')).to.deep.equal([]);
  });
});

describe('headgate import litellm', () => {
  let place: Workplace;
  afterEach(() => place.leave());

  it('writes a file that loads, for its owner alone, and never over another', async () => {
    place = new Workplace({ 'config.yaml': deployment('model: groq/x, rpm: 1') }, { GROQ_API_KEY: 'gsk-test-test' });
    const { code, stdout } = await place.run(['import', 'litellm', 'config.yaml']);
    expect(code).to.equal(0);
    expect(stdout).to.include('1 provider and 1 model').and.to.include('model_list[0].litellm_params.rpm');
    expect(statSync(path.join(place.folder, 'headgate.yaml')).mode & 0o777).to.equal(0o600);
    expect((await place.run(['check'])).code).to.equal(0);
    expect((await place.run(['import', 'litellm', 'config.yaml'])).stderr).to.include('--force');
  });

  it('takes the rights of others away where it replaces a file, since keys may stand in it', async () => {
    place = new Workplace({ 'config.yaml': deployment('model: groq/x'), 'headgate.yaml': `${'#'.repeat(9_999)}\n` });
    const file = path.join(place.folder, 'headgate.yaml');
    chmodSync(file, 0o644);
    expect((await place.run(['import', 'litellm', 'config.yaml', '--force'])).code).to.equal(0);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(file, 'utf8')).to.include('groq').and.not.include('##');
  });

  it('quotes nothing of a file that is no YAML', async () => {
    place = new Workplace({ 'config.yaml': 'general_settings:\n  master_key: sk-secret-of-the-test: x\n' });
    const { code, stderr } = await place.run(['import', 'litellm', 'config.yaml']);
    expect([code, stderr.includes('sk-secret')]).to.deep.equal([1, false]);
    expect(stderr).to.match(/config\.yaml:2:\d+ has a second `key: value` on one line/);
  });

  it('has the file on standard output where it is asked for, and the report beside it', async () => {
    place = new Workplace({ 'config.yaml': deployment('model: groq/x, rpm: 1') });
    const { stdout, stderr } = await place.run(['import', 'litellm', 'config.yaml', '--out', '-', '--json']);
    expect(parse(stdout)).to.have.nested.property('models.m.targets[0].provider', 'groq');
    expect(JSON.parse(stderr)).to.deep.include({ providers: 1, models: 1, faults: [] });
  });

  it('reads merged mappings, and faults no address or region that a variable holds', async () => {
    const common = 'x-common: &common { api_base: os.environ/PROXY_URL, api_key: os.environ/KEY, timeout: 9 }\n';
    const bedrock = '  - { model_name: b, litellm_params: { model: bedrock/amazon.nova-pro-v1:0 } }\n';
    const merged = `${common}model_list:\n  - { model_name: a, litellm_params: { <<: *common, model: openai/x } }\n${bedrock}`;
    place = new Workplace({ 'config.yaml': merged });
    const { stdout } = await place.run(['import', 'litellm', 'config.yaml', '--json']);
    expect(JSON.parse(stdout)).to.deep.include({ providers: 2, models: 2, faults: [] });
    const written = parse(readFileSync(path.join(place.folder, 'headgate.yaml'), 'utf8'));
    expect(written.providers.openai).to.include({ base_url: `\${PROXY_URL}` });
    expect(written.providers.bedrock).to.include({ region: `\${AWS_REGION_NAME}` });
  });

  it('names the file that it has written, where that has faults', async () => {
    place = new Workplace({ 'config.yaml': deployment('model: azure/d, api_base: nowhere') });
    const { code, stdout, stderr } = await place.run(['import', 'litellm', 'config.yaml', '--out', 'mine.yaml']);
    expect(stdout).to.match(/to be mended before it loads:\nmine\.yaml providers\.azure\.base_url: /);
    expect([code, stderr]).to.deep.equal([1, 'headgate: 1 fault to be mended in mine.yaml before it loads\n']);
    expect(existsSync(path.join(place.folder, 'mine.yaml'))).to.equal(true);
  });

  it('writes nothing where no model can be carried over', async () => {
    place = new Workplace({ 'c.yaml': 'model_list: []\n' });
    const { code, stderr } = await place.run(['import', 'litellm', 'c.yaml']);
    expect([code, stderr.includes('no model')], stderr).to.deep.equal([1, true]);
    expect(() => readFileSync(path.join(place.folder, 'headgate.yaml'))).to.throw('ENOENT');
  });
});
