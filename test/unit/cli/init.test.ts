/** `headgate init`: what it finds, asks and writes. */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { parse } from 'yaml';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { lineWith } from '../../../scripts/processes/line-with.ts';
import { configText, nameFor } from '../../../src/cli/init/config-text.ts';
import type { FoundProvider } from '../../../src/cli/init/found-providers.ts';
import { localServers } from '../../../src/cli/init/local-servers.ts';
import { askChoices } from '../../../src/cli/init/questions.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { environmentProviders, presentProviders } from '../../../src/config/source/environment-config.ts';
import { servedModels } from '../../../src/providers/models.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

/** A value that a variable of that name may have. */
function exampleOf(name: string): string {
  if (/URL|HOST|BASE|ENDPOINT/.test(name)) return 'http://127.0.0.1:9999';
  if (/REGION/.test(name)) return 'eu-central-1';
  if (/VERSION/.test(name)) return '2024-10-21';
  return `test-${name.toLowerCase().replaceAll('_', '-')}`;
}

describe('the file that init writes', () => {
  for (const { type, variables } of environmentProviders) {
    it(`loads, and is what the variables alone would be: ${type}`, () => {
      const environment = Object.fromEntries(variables.map(({ name }) => [name, exampleOf(name)]));
      const [present] = presentProviders(environment);
      const models = servedModels(type, systemClock.wallMs());
      const settings = present?.values.map(({ key, text }) => ({ key, value: text })) ?? [];
      const provider = { type, name: type, settings, models, maxTokens: present?.maxTokens ?? null };
      const text = configText({ port: 8081, adminPort: 9465, providers: [provider] });
      const input: unknown = parse(text);
      const written = loadConfig({ source: { kind: 'object', name: 'file', input: input as object }, environment });
      const alone = loadConfig({ source: { kind: 'environment' }, environment });
      expect(written.providers).to.deep.equal(alone.providers);
      expect(written.server.port).to.equal(8081);
      for (const [name, model] of Object.entries(written.models)) {
        if (name !== 'default') expect(model.targets, name).to.deep.equal(alone.models[name]?.targets);
      }
      expect(Object.keys(written.models)).to.include(`${type}/*`);
    });
  }

  it('fails over from the first model of each provider to the next', () => {
    const block = { name: 'x', settings: [], maxTokens: null };
    const providers = [
      { ...block, type: 'ollama', models: ['llama3.1:8b', 'b'] },
      { ...block, type: 'vllm', models: ['null', 'b'] },
    ];
    const input: unknown = parse(configText({ port: 8080, adminPort: 9464, providers }));
    const { models } = loadConfig({ source: { kind: 'object', name: 'file', input: input as object } });
    const targetsOf = (name: string) => models[name]?.targets.map(({ provider, model }) => `${provider}/${model}`);
    expect(targetsOf('default')).to.deep.equal(['ollama/llama3.1:8b', 'vllm/null']);
    expect(targetsOf('b')).to.deep.equal(['ollama/b', 'vllm/b']);
  });
});

describe('the names that init gives to models', () => {
  const named: readonly (readonly [id: string, name: string | null])[] = [
    ['meta/llama-3', 'meta/llama-3'],
    ['/data/models/Qwen3.5-9B', 'Qwen3.5-9B'],
    ['/data/models/qwen/', 'qwen'],
    ['C:\\models\\phi', 'phi'],
    ['+a{b}', 'a-b-'],
    [`/${'x'.repeat(200)}`, 'x'.repeat(128)],
    ['other', null],
    ['模型', null],
  ];
  for (const [id, name] of named) {
    it(`are such that the file loads: ${JSON.stringify(id).slice(0, 30)}`, () => {
      const provider = {
        type: 'vllm',
        name: 'vLLM',
        settings: [],
        maxTokens: null,
        models: [id, 'plain', `/else/${id}`],
      };
      const input = parse(configText({ port: 8080, adminPort: 9464, providers: [provider] })) as object;
      const { models } = loadConfig({ source: { kind: 'object', name: 'file', input } });
      expect(nameFor(id)).to.equal(name);
      expect(models.default?.targets[0]?.model).to.equal(id);
      if (name !== null) expect(models[name]?.targets.map(({ model }) => model)).to.deep.equal([id]);
      expect(models.plain?.targets).to.have.length(1);
    });
  }
});

describe('the questions of init', () => {
  const provider = (type: string): FoundProvider => {
    return { type, name: type, settings: [], models: [], maxTokens: null, because: 'it is there' };
  };
  const found = [provider('openai'), provider('groq')];

  async function answered(...lines: string[]) {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return lines.shift() ?? '';
    };
    const choices = await askChoices(found, ask, { port: 8080, adminPort: 9464 });
    return { asked, ...choices, providers: choices.providers.map(({ type }) => type) };
  }

  it('take Enter for what is shown', async () => {
    const { port, adminPort, providers } = await answered();
    expect([port, adminPort, providers]).to.deep.equal([8080, 9464, ['openai', 'groq']]);
  });

  it('are asked again, with what is wrong, until the answer can be used', async () => {
    const { asked, port, adminPort, providers } = await answered('nobody', 'groq, openai', '0', '9464', '9464', '1');
    expect([port, adminPort, providers]).to.deep.equal([9464, 1, ['groq', 'openai']]);
    expect(asked[1]).to.match(/^nobody is not among openai, groq\nWhich/);
    expect(asked[3]).to.match(/^a port is a number/);
    expect(asked[5]).to.match(/^clients have that port\n/);
  });
});

describe('the servers that init takes', () => {
  const running: http.Server[] = [];
  afterEach(() => {
    for (const server of running.splice(0)) server.close().closeAllConnections();
  });

  /** A server that answers these paths with JSON, and others with 404, or 401 where they need a key. */
  async function serving(answers: Readonly<Record<string, unknown>>, otherwise = 404): Promise<string> {
    const server = http.createServer(({ url = '' }, response) => {
      const answer = answers[url];
      response.writeHead(answer === undefined ? otherwise : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
    running.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const list = (owned_by: string) => ({
    '/v1/models': { object: 'list', data: [{ id: 'm', object: 'model', owned_by }] },
  });
  const own: readonly (readonly [type: string, answers: Readonly<Record<string, unknown>>])[] = [
    ['llamacpp', list('llamacpp')],
    ['vllm', list('vllm')],
    ['ollama', { ...list('library'), '/api/version': { version: '0.14.0' } }],
    ['lmstudio', { ...list('organization_owner'), '/api/v0/models': { data: [{ id: 'm', state: 'not-loaded' }] } }],
    ['tgi', { ...list('m'), '/info': { model_id: 'm', version: '3.3' } }],
  ];

  it('say by their own answers what they are', async () => {
    for (const [type, answers] of own) {
      const origin = await serving(answers);
      const { found, notes } = await localServers([{ type, origin }]);
      expect(found, type).to.have.length(1);
      expect(found[0]).to.deep.include({ type, models: ['m'], because: `it answers at ${origin}` });
      expect(notes).to.deep.equal([]);
    }
  });

  it('are taken without the models that a file cannot name', async () => {
    const ids = ['a: b', '/data/m', 'a*', `\${HOME}`, '\u001b[31mred', 'a\u202eb', ''];
    const data = ids.map((id) => ({ id, object: 'model', owned_by: 'vllm' }));
    const origin = await serving({ '/v1/models': { object: 'list', data } });
    const { found } = await localServers([{ type: 'vllm', origin }]);
    expect(found.map(({ models }) => models)).to.deep.equal([['/data/m']]);
    expect(found[0]?.because).to.equal(`it answers at ${origin}; 5 models left out, whose name cannot stand in a file`);
  });

  it('are named and left out where something else answers, a gateway among them', async () => {
    const hello = { '/api/hello': { message: 'hello' } };
    const [page, vllm] = [await serving({}), await serving(list('vllm'))];
    const [gateway, withKeys] = [await serving({ ...list('headgate'), ...hello }), await serving(hello, 401)];
    const types = own.map(([type]) => type).filter((type) => type !== 'vllm');
    for (const origin of [page, gateway, withKeys, vllm]) {
      const { found, notes } = await localServers(types.map((type) => ({ type, origin })));
      expect(found).to.deep.equal([]);
      expect(notes).to.have.length(1);
      expect(notes[0]).to.match(
        origin === gateway || origin === withKeys ? /^a headgate answers at / : /^something that is no .* answers at /,
      );
    }
  });

  it('are said to ask for a key where they do', async () => {
    const origin = await serving({}, 401);
    expect(await localServers([{ type: 'vllm', origin }])).to.deep.equal({
      found: [],
      notes: [`what answers at ${origin} asks for a key: left out; if it is vLLM, write it into the file`],
    });
  });

  it('are known to be a gateway by its own answers, whether it has keys or not', async () => {
    for (const keys of ['[]', '[key-of-a-client-0123456789]']) {
      const port = await freePort();
      const text = `server: { port: ${port}, keys: ${keys} }\nadmin: { port: 0 }\nworkers: 1\n${smallest}`;
      const place = new Workplace({ 'headgate.yaml': text });
      try {
        const child = place.start(['serve', '--config', 'headgate.yaml']);
        await lineWith(child.stdout, '"msg":"serving"');
        const origin = `http://127.0.0.1:${port}`;
        const { notes } = await localServers([
          { type: 'vllm', origin },
          { type: 'llamacpp', origin },
        ]);
        expect(notes, keys).to.deep.equal([`a headgate answers at ${origin}: left out`]);
      } finally {
        await place.leave();
      }
    }
  }).timeout(60_000);

  it('are not missed where nothing answers', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    expect(await localServers(own.map(([type]) => ({ type, origin })))).to.deep.equal({ found: [], notes: [] });
  });
});

describe('headgate init', () => {
  let place: Workplace;
  afterEach(() => place.leave());

  it('writes what it found, for the eyes of its owner alone, and says what comes next', async () => {
    place = new Workplace({}, { OPENAI_API_KEY: 'sk-secret-of-the-test', AWS_BEARER_TOKEN_BEDROCK: 'other' });
    const { code, stdout } = await place.run(['init', '--yes']);
    expect(code).to.equal(0);
    expect(stdout)
      .to.include('OPENAI_API_KEY is set')
      .and.to.include('bedrock is left out')
      .and.to.include('curl http');
    const file = path.join(place.folder, 'headgate.yaml');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(file, 'utf8')).to.not.include('sk-secret');
    expect((await place.run(['check'])).code).to.equal(0);
  });

  it('says as JSON what it found and wrote', async () => {
    place = new Workplace({}, { OPENAI_API_KEY: 'sk-secret-of-the-test' });
    const { stdout } = await place.run(['init', '--json', '--file', 'mine.yaml']);
    const said = JSON.parse(stdout);
    expect(said).to.include({ wrote: 'mine.yaml' });
    expect(said.providers[0]).to.deep.equal({ type: 'openai', name: 'OpenAI', because: 'OPENAI_API_KEY is set' });
    const written = parse(readFileSync(path.join(place.folder, 'mine.yaml'), 'utf8'));
    expect([written.server.port, written.admin.port]).to.deep.equal([said.port, said.adminPort]);
  });

  it('takes other ports than those that another program has', async () => {
    const taken = http.createServer();
    // Where another program has it already, there is nothing to take.
    await new Promise((resolve) => taken.once('error', resolve).listen(9464, '127.0.0.1', () => resolve(null)));
    place = new Workplace({}, { OPENAI_API_KEY: 'sk-secret-of-the-test' });
    const { stdout } = await place.run(['init', '--json']);
    taken.close();
    expect(JSON.parse(stdout).adminPort).to.be.within(9465, 9484);
  });

  it('writes over nothing unless it is told to', async () => {
    place = new Workplace({ 'headgate.yaml': 'mine\n' }, { OPENAI_API_KEY: 'sk-secret-of-the-test' });
    const file = path.join(place.folder, 'headgate.yaml');
    const refused = await place.run(['init', '--yes']);
    expect([refused.code, readFileSync(file, 'utf8')]).to.deep.equal([1, 'mine\n']);
    expect(refused.stderr).to.include('--force');
    expect((await place.run(['init', '--yes', '--force'])).code).to.equal(0);
    expect(readFileSync(file, 'utf8')).to.include('providers:');
  });

  it('leaves the file as it was where what it would write has a fault', async () => {
    const environment = { OPENAI_API_KEY: 'sk-secret-of-the-test', HEADGATE_ADMIN_TOKEN: 'a b' };
    place = new Workplace({ 'headgate.yaml': 'mine\n' }, environment);
    const { code, stderr } = await place.run(['init', '--yes', '--force']);
    expect([code, stderr.includes('admin.token')], stderr).to.deep.equal([78, true]);
    expect(readFileSync(path.join(place.folder, 'headgate.yaml'), 'utf8')).to.equal('mine\n');
  });

  it('says what to do where it finds nothing', async () => {
    place = new Workplace();
    const { code, stderr } = await place.run(['init', '--yes']);
    // On a host with a server of models there is something to write.
    const isWritten = existsSync(path.join(place.folder, 'headgate.yaml'));
    expect([code, stderr.includes('OPENAI_API_KEY') && stderr.includes('--demo')]).to.deep.equal(
      isWritten ? [0, false] : [1, true],
    );
  });
});
