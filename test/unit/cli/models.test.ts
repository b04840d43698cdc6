import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import { readModelList } from '../../../src/cli/model-list.ts';
import { startMock } from '../../../src/mock/server.ts';
import { Workplace } from '../../helpers/command.ts';

describe('a list of models', () => {
  const lists: readonly (readonly [string, unknown, readonly (readonly [string, number | null])[]])[] = [
    ["OpenAI's", { object: 'list', data: [{ id: 'a', object: 'model' }] }, [['a', null]]],
    [
      "Anthropic's",
      { data: [{ type: 'model', id: 'a', max_input_tokens: 200_000 }], has_more: false },
      [['a', 200_000]],
    ],
    ["Groq's", { object: 'list', data: [{ id: 'a', context_window: 131_072 }] }, [['a', 131_072]]],
    ["Mistral's", { data: [{ id: 'a', max_context_length: 131_072 }] }, [['a', 131_072]]],
    [
      "Together's",
      [{ id: 'm/a', context_length: 8_192 }, { id: 'm/b' }],
      [
        ['m/a', 8_192],
        ['m/b', null],
      ],
    ],
    ["vLLM's", { data: [{ id: 'a', max_model_len: 4_096 }] }, [['a', 4_096]]],
    ["llama.cpp's", { models: [{ name: 'a' }], data: [{ id: 'a', meta: { n_ctx_train: 32_768 } }] }, [['a', 32_768]]],
    ["Ollama's own", { models: [{ name: 'llama3:8b', model: 'llama3:8b' }] }, [['llama3:8b', null]]],
    ["Gemini's", { models: [{ name: 'models/g', inputTokenLimit: 1_048_576 }] }, [['g', 1_048_576]]],
    ["Bedrock's", { modelSummaries: [{ modelId: 'anthropic.c', modelName: 'C' }] }, [['anthropic.c', null]]],
    ['an empty one', { data: [] }, []],
  ];
  for (const [whose, answer, models] of lists) {
    it(`is read as it is: ${whose}`, () => {
      expect(readModelList(answer)?.map(({ id, contextTokens }) => [id, contextTokens])).to.deep.equal(models);
    });
  }

  it('is not read of what is none', () => {
    for (const answer of [undefined, null, 'data', {}, { data: 'a' }, { error: { message: 'm' } }]) {
      expect(readModelList(answer)).to.equal(null);
    }
  });
});

describe('headgate models', () => {
  const seen: { path: string | undefined; headers: http.IncomingHttpHeaders }[] = [];
  let answer = { status: 200, body: '{"data":[{"id":"m1","context_window":8192},{"id":"m2"},{"id":"gpt-5"}]}' };
  const server = http.createServer((incoming, outgoing) => {
    seen.push({ path: incoming.url, headers: incoming.headers });
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  let url: string;
  let place: Workplace;
  before((done) => {
    server.listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  afterEach(() => place.leave());
  after(() => server.close());

  const inPlace = (environment: Readonly<Record<string, string>> = {}) => {
    const targets = '[{ provider: one, model: m1 }]';
    const models = `models: { fast: { targets: ${targets} }, "all/*": { targets: [{ provider: one, model: "m*" }] } }`;
    const block = `{ type: openai, base_url: "${url}/v1", api_key: sk-secret-key-of-one }`;
    place = new Workplace({ 'headgate.yaml': `providers: { one: ${block} }\n${models}\n` }, environment);
    return place;
  };

  it("asks with the provider's key, and shows what is configured and what ends", async () => {
    const { code, stdout, stderr } = await inPlace().run(['models', 'one']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout.split('\n')).to.deep.equal([
      'MODEL  CONTEXT  CONFIGURED AS  ENDS',
      'm1     8192     fast, all/*',
      'm2              all/*',
      'gpt-5                          2026-12-11',
      '',
    ]);
    expect(seen.at(-1)?.path).to.equal('/v1/models');
    expect(seen.at(-1)?.headers.authorization).to.equal('Bearer sk-secret-key-of-one');
  });

  it('prints JSON', async () => {
    const { stdout } = await inPlace().run(['models', 'one', '--json']);
    expect(JSON.parse(stdout)[0]).to.deep.equal({
      id: 'm1',
      context_tokens: 8192,
      configured: ['fast', 'all/*'],
      ends: null,
    });
  });

  it('shows ids that would change the terminal on one line each, and has them as they are in JSON', async () => {
    const before = answer;
    const id = 'm\u001b[31m\u001b]0;t\u0007\u009b\u202e\nforged';
    answer = { status: 200, body: JSON.stringify({ data: [{ id }] }) };
    expect((await inPlace().run(['models', 'one'])).stdout.split('\n')).to.have.length(3);
    const { stdout } = await place.run(['models', 'one', '--json']);
    answer = before;
    expect(JSON.parse(stdout)[0].id).to.equal(id);
    expect(stdout).to.match(/^[\n\x20-\x7e]+$/);
  });

  it('asks a type whose variables are set beside the configuration', async () => {
    const { code, stdout } = await inPlace({ OLLAMA_HOST: url }).run(['models', 'ollama']);
    expect([code, stdout.split('\n')[1]]).to.deep.equal([0, 'm1     8192']);
    expect(seen.at(-1)?.path).to.equal('/v1/models');
  });

  it('names the variables that a type needs', async () => {
    const { code, stderr } = await inPlace().run(['models', 'groq']);
    expect(code).to.equal(1);
    expect(stderr).to.equal(
      'headgate: groq is no configured provider (one), and GROQ_API_KEY must be set to ask groq without one\n',
    );
  });

  it('names host, cause and cure of a failure, and no key', async () => {
    const before = answer;
    const { host } = new URL(url);
    const failures = [
      [401, '{"error":{"message":"No sk-secret-key-of-one"}}', `${host} answers 401 No [redacted]: check its key`],
      [
        400,
        '{"error":{"message":"a\\u001b[31m\\u009bb\\u202e\\nforged"}}',
        `${host} answers 400 a·[31m·b· forged: check base_url`,
      ],
      [404, '<html>', `${host} answers 404 with a body that is not JSON: check base_url`],
      [200, '{"ok":true}', `what ${url}/v1/models answers is no list of models: check base_url`],
    ] as const;
    for (const [status, body, text] of failures) {
      answer = { status, body };
      const { code, stderr } = await inPlace().run(['models', 'one']);
      expect([code, stderr]).to.deep.equal([1, `headgate: one: ${text}\n`]);
      await place.leave();
    }
    answer = before;
    inPlace();
    place.write(
      'gone.yaml',
      'providers: { one: { type: openai, base_url: "http://127.0.0.1:1/v1" } }\nmodels: { m: { targets: [{ provider: one, model: m }] } }\n',
    );
    const { stderr } = await place.run(['models', 'one', '--config', 'gone.yaml']);
    expect(stderr).to.equal(
      'headgate: one: no answer from 127.0.0.1:1 (ECONNREFUSED): is it up, and is base_url right?\n',
    );
  });

  it('asks no other host than the configured one', async () => {
    inPlace();
    place.write(
      'elsewhere.yaml',
      'providers: { aws: { type: bedrock, region: eu-central-1, base_url: "http://127.0.0.1:1", api_key: bedrock-key-of-a-test } }\nmodels: { m: { targets: [{ provider: aws, model: m }] } }\n',
    );
    const { code, stderr } = await place.run(['models', 'aws', '--config', 'elsewhere.yaml']);
    expect(code).to.equal(1);
    expect(stderr).to.contain('which is not asked for a provider with a base_url of its own');
  });

  it('asks the fake Gemini as it asks the real one', async () => {
    const mock = await startMock({ dialect: 'gemini', port: 0 });
    const block = `{ type: gemini, base_url: "http://127.0.0.1:${mock.port}", api_key: key-of-the-test }`;
    place = new Workplace({
      'headgate.yaml': `providers: { g: ${block} }\nmodels: { m: { targets: [{ provider: g, model: x }] } }\n`,
    });
    const { code, stdout } = await place.run(['models', 'g']);
    await mock.close();
    expect([code, stdout.includes('gemini-2.5-flash')]).to.deep.equal([0, true]);
  });

  it('lists the types of providers with their variables', async () => {
    const { code, stdout } = await inPlace().run(['models']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^groq +GROQ_API_KEY +https:\/\/api\.groq\.com\/openai\/v1$/m);
    expect(stdout).to.match(/^azure +AZURE_OPENAI_ENDPOINT AZURE_OPENAI_API_KEY \[OPENAI_API_VERSION\]$/m);
    const json = await place.run(['models', '--json']);
    expect(JSON.parse(json.stdout)).to.deep.include({
      type: 'mistral',
      variables: [{ name: 'MISTRAL_API_KEY', optional: false }],
    });
  });
});
