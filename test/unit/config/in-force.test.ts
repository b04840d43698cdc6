/** What `/api/config` shows: every value in force with its place, and no secret. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { type Setting, valuesInForce } from '../../../src/config/in-force.ts';
import { type LoadOptions, loadWithSource } from '../../../src/config/load.ts';
import { hiddenPaths, secretPaths } from '../../../src/config/schema/secret-paths.ts';
import { Redactor } from '../../../src/shared/secrets/redactor.ts';
import { certificates } from '../../helpers/certificates.ts';
import { inFolder, smallest } from '../../helpers/config-text.ts';
import { withSecret } from '../../helpers/config-with-secret.ts';
import { type CertificateFiles, certificateFiles } from '../../helpers/server-certificates.ts';

function valuesOf(options: LoadOptions): Setting[] {
  const loaded = loadWithSource(options);
  const redactor = new Redactor(loaded.config.secrets);
  return valuesInForce(loaded, (text) => redactor.redact(text));
}

/** By path. */
function shown(text: string, options: Partial<LoadOptions> = {}, files: Record<string, string> = {}) {
  const source = { kind: 'file', path: 'headgate.yaml' } as const;
  const settings = inFolder({ ...files, 'headgate.yaml': text }, (folder) =>
    valuesOf({ source, environment: {}, folder, ...options }),
  );
  const byPath = new Map(settings.map(({ path, ...rest }) => [path, rest]));
  expect(byPath.size, 'each path once').to.equal(settings.length);
  return byPath;
}

const given = `
server: { port: 8081, keys: ["\${KEY}", second-secret-key] }
timeouts: { stall: 90s }
providers:
  one:
    type: openai
    base_url: "\${URL}"
    api_key: "\${file:key.txt}"
    headers: { OpenAI-Organization: org-1 }
    timeouts: { connect: 1s }
models:
  m:
    defaults: { temperature: 0.2, stop: [a, b] }
    timeouts: { total: 20s }
    targets:
      - { provider: one, model: m }
      - [{ provider: one, model: n, weight: 3 }]
`;
const environment = { KEY: 'first-secret-key', URL: 'https://api.example.com/v1' };
const files = { 'key.txt': 'third-secret-key\n' };

describe('the values in force', () => {
  it('are shown with their line, and with the reference that they come from', () => {
    const values = shown(given, { environment }, files);
    expect(values.get('server.port')).to.deep.equal({ value: '8081', from: 'headgate.yaml:2:17' });
    expect(values.get('server.keys[0]')).to.deep.equal({ value: '•••', from: `headgate.yaml:2:30, from \${KEY}` });
    expect(values.get('server.keys[1]')).to.deep.equal({ value: '•••', from: 'headgate.yaml:2:40' });
    expect(values.get('providers.one.base_url')).to.deep.equal({
      ...{ value: 'https://api.example.com/v1', from: `headgate.yaml:7:15, from \${URL}` },
    });
    expect(values.get('providers.one.api_key')).to.deep.equal({
      ...{ value: '•••', from: `headgate.yaml:8:14, from \${file:key.txt}` },
    });
    expect(values.get('providers.one.headers.OpenAI-Organization')?.value).to.equal('•••');
    expect(values.get('models.m.defaults.stop')?.value).to.equal('["a","b"]');
    expect(values.get('models.m.targets[1][0].weight')).to.deep.equal({ value: '3', from: 'headgate.yaml:17:45' });
  });

  it('are shown where they are defaults, and say what these mean here', () => {
    const values = shown(smallest);
    expect(values.get('server.max_body')).to.deep.equal({ value: '32mb', from: 'default' });
    expect(values.get('server.keys')).to.deep.equal({ value: '[]', from: 'default' });
    expect(values.get('admin.token')).to.deep.equal({ value: '', from: 'default' });
    expect(values.get('server.session_header')).to.deep.equal({ value: 'null', from: 'default' });
    expect(values.get('workers')?.value).to.match(/^auto \(\d+\)$/);
    expect(values.get('state_dir')?.value).to.match(/^\/.*\/\.headgate$/);
    expect(values.get('models.gpt-4.targets[0].weight')).to.deep.equal({ value: '1', from: 'default' });
    const known = shown(
      'providers: { openai: { type: openai, api_key: canary-0123456789 } }\nmodels: { m: { targets: [{ provider: openai, model: m }] } }',
    );
    expect(known.get('providers.openai.base_url')).to.deep.equal({
      ...{ value: 'https://api.openai.com/v1', from: 'default' },
    });
    expect(known.get('providers.openai.dialects')?.value).to.contain('"openai-chat"');
  });

  it('are shown for a provider where the top level has them, or nobody', () => {
    const values = shown(given, { environment }, files);
    expect(values.get('providers.one.timeouts.connect')).to.deep.equal({ value: '1s', from: 'headgate.yaml:10:26' });
    expect(values.get('providers.one.timeouts.stall')).to.deep.equal({
      ...{ value: '90s', from: 'headgate.yaml:3:20, from timeouts.stall' },
    });
    expect(values.get('providers.one.retry.attempts')).to.deep.equal({ value: '3', from: 'default' });
    expect(values.get('models.m.timeouts.total')).to.deep.equal({ value: '20s', from: 'headgate.yaml:14:24' });
    expect([...values.keys()].filter((path) => /^models\..*(?:stall|connect)/.test(path))).to.deep.equal([]);
  });

  it('are those of flags, and of sources without lines', () => {
    const overrides = [{ flag: '--port', path: ['server', 'port'], value: 9 }];
    expect(shown(given, { environment, overrides }, files).get('server.port')).to.deep.equal({
      ...{ value: '9', from: '--port' },
    });
    const settings = valuesOf({ source: { kind: 'environment' }, environment: { OPENAI_API_KEY: 'sk-canary-0123' } });
    expect(settings.find(({ path }) => path === 'providers.openai.api_key')).to.deep.equal({
      ...{ path: 'providers.openai.api_key', value: '•••', from: `environment, from \${OPENAI_API_KEY}` },
    });
  });

  it('say that an admin token turns off the metrics on the data port', () => {
    const values = shown(`admin: { token: canary-0123456789 }\n${smallest}`);
    expect(values.get('server.metrics_path')).to.deep.equal({ value: 'null', from: 'off, since admin.token is set' });
  });

  it('name the proxies of the environment without showing them', () => {
    const proxied = { HTTPS_PROXY: 'http://user:canary@proxy.example:3128' };
    const text =
      'providers: { openai: { type: openai, api_key: canary-0123456789 } }\nmodels: { m: { targets: [{ provider: openai, model: m }] } }';
    const from = 'HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment';
    expect(shown(text, { environment: proxied }).get('providers.openai.proxy')).to.deep.equal({ value: '•••', from });
    const own = text.replace('type: openai', 'type: openai, proxy: none');
    expect(shown(own, { environment: proxied }).get('providers.openai.proxy')?.from).to.equal('headgate.yaml:1:45');
  });

  it('name the environment where the name of the service is from there', () => {
    const environment = { OTEL_SERVICE_NAME: 'edge' };
    const traced = (settings: string) => `tracing: { endpoint: "http://h"${settings} }\n${smallest}`;
    const nameIn = (text: string, options = {}) => shown(text, options).get('tracing.service_name');
    expect(nameIn(traced(''), { environment })).to.deep.equal({
      value: 'edge',
      from: 'OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES of the environment',
    });
    expect(nameIn(traced(', service_name: mine'), { environment })).to.deep.equal({
      value: 'mine',
      from: 'headgate.yaml:1:48',
    });
    expect(nameIn(traced(''))).to.deep.equal({ value: 'headgate', from: 'default' });
    expect(nameIn(smallest, { environment })).to.deep.equal({ value: 'headgate', from: 'default' });
  });

  it('hold no secret where it stands in the wrong place, and are cut where they are long', () => {
    const text = `server: { keys: [canary-0123456789] }\n${smallest}state_dir: /x/canary-0123456789\n`;
    expect(shown(text).get('state_dir')?.value).to.equal('/x/[redacted]');
    const long = smallest.replace('model: gpt-4', `model: ${'m'.repeat(250)}`);
    expect(shown(long).get('models.gpt-4.targets[0].model')?.value).to.equal(`${'m'.repeat(200)}…`);
  });
});

describe('a secret', () => {
  let kept: CertificateFiles;
  before(() => {
    kept = certificateFiles(false);
  });
  after(() => kept.remove());
  const keyFile = () => {
    const file = join(kept.folder, 'canary.key');
    copyFileSync(kept.files.key, file);
    return file;
  };

  // Short, so that only its place tells that it is one: nothing so short is struck out by value.
  const proxy = 'http://canary:canary@h:1';
  const valueAt = (path: readonly string[]) => {
    const [name] = path.slice(-1);
    if (name === 'proxy') return proxy;
    // A port has the paths of files, a provider the texts.
    if (path.includes('tls')) return path[0] === 'providers' ? certificates().client.key : keyFile();
    return name === 'credentials' ? JSON.stringify({ private_key: 'canary' }) : 'canary';
  };

  /** A key of TLS needs its certificate, and headers of traces a collector. */
  const completed = (input: object, path: readonly string[], key: string) => {
    const { providers, ...others } = input as { providers: { one: object } } & Record<string, object>;
    const [block = ''] = path;
    if (block === 'providers' && path.includes('tls')) {
      Object.assign(providers.one, { tls: { key, cert: certificates().client.cert } });
    } else if (path.includes('tls')) {
      Object.assign(others[block] ?? {}, { tls: { key, cert: kept.files.cert } });
    } else if (block === 'tracing') Object.assign(others[block] ?? {}, { endpoint: 'http://h' });
  };

  it('show a secret that is not set as unset', () => {
    const values = shown(`
server: { keys: [] }
admin: { token: "" }
tracing: { endpoint: "http://h", headers: {} }
providers: { one: { type: openai, api_key: "", base_url: "http://127.0.0.1:1", headers: {} } }
models: { m: { targets: [{ provider: one, model: m }] } }
`);
    expect(values.get('server.keys')?.value).to.equal('[]');
    expect(values.get('admin.token')?.value).to.equal('');
    expect([...values.values()].filter(({ value }) => value === '•••')).to.deep.equal([]);
    expect(shown(smallest).get('tracing.headers')).to.deep.equal({ value: '{}', from: 'default' });
  });

  for (const path of [...secretPaths, ...hiddenPaths]) {
    it(`is not among the values in force: ${path.join('.')}`, () => {
      const value = valueAt(path);
      const { input } = withSecret(path, value);
      completed(input, path, value);
      const environment = { HTTPS_PROXY: proxy };
      const loaded = loadWithSource({ source: { kind: 'object', name: 'demo', input }, environment });
      const settings = valuesInForce(loaded, (text) => text);
      const texts = settings.map(({ value: text }) => text).join('\n');
      expect(texts).not.to.contain('canary').and.not.to.contain('PRIVATE KEY');
      expect(settings.filter(({ value }) => value === '•••').length).to.be.above(0);
    });
  }
});
