import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig, loadListeners } from '../../../src/config/load.ts';
import { defaults } from '../../../src/config/schema/defaults.ts';
import { ConfigError } from '../../../src/config/source/faults.ts';
import { faultsOf, inFolder, linesOf, load, smallest } from '../../helpers/config-text.ts';

const timeouts = {
  connectMs: 5_000,
  headersMs: 300_000,
  firstContentMs: 300_000,
  moveOnMs: 120_000,
  stallMs: 120_000,
  totalMs: 600_000,
  maxStreamMs: 1_800_000,
};

describe('loadConfig', () => {
  it('adds the default of every key that is left out', () => {
    inFolder({ 'headgate.yaml': smallest }, (folder) => {
      const config = loadConfig({ source: { kind: 'file', path: 'headgate.yaml' }, environment: {}, folder });
      expect(config).to.deep.equal({
        version: 1,
        server: {
          host: '127.0.0.1',
          port: 8080,
          keys: [],
          open: false,
          maxBodyBytes: 32 * 2 ** 20,
          maxInFlight: 2000,
          maxConnections: 10_000,
          maxConnectionsPerAddress: 5_000,
          cors: [],
          maxBufferedBytes: 256 * 2 ** 20,
          keepAliveMs: 75_000,
          sessionHeader: null,
          metricsPath: '/metrics',
        },
        admin: { host: '127.0.0.1', port: 9464, token: null, openMetrics: false, origins: [] },
        workers: availableParallelism(),
        log: { level: 'info', requests: 'all' },
        stateDir: join(folder, '.headgate'),
        drain: { stopMs: 60_000, restartMs: 600_000, announceMs: 0 },
        watchdogMs: 30_000,
        providers: {
          local: {
            name: 'local',
            type: 'openai',
            baseUrl: 'http://127.0.0.1:8001/v1',
            dialects: [
              'openai-chat',
              'openai-completions',
              'openai-embeddings',
              'openai-moderations',
              'openai-images',
              'openai-image-edits',
              'openai-transcriptions',
              'openai-translations',
              'openai-speech',
              'rerank',
            ],
            keys: [{ name: 'default', key: '', weight: 1, account: '483fd8c3b2f6d137' }],
            settings: {},
            account: '483fd8c3b2f6d137',
            retry: { attempts: 3, baseDelayMs: 500, maxDelayMs: 8_000, budget: 0.2 },
            circuit: {
              outcomes: 200,
              windowMs: 60_000,
              minFailures: 5,
              failureShare: 0.5,
              openForMs: 30_000,
              maxOpenForMs: 300_000,
            },
            timeouts,
          },
        },
        models: {
          'gpt-4': {
            name: 'gpt-4',
            aliases: [],
            defaults: [],
            drop: [],
            fallbacks: { context: [] },
            keepAliveAfterMs: null,
            balance: 'order',
            sessions: 'auto',
            targets: [{ provider: 'local', model: 'gpt-4', maxTokens: null, level: 0, weight: 1, timeouts }],
          },
        },
        aliases: {},
        patterns: [],
        passthrough: { files: null, batches: null },
        secrets: [],
      });
    });
  });

  it('gives the same configuration if all defaults are written out', () => {
    const { general, ...blocks } = defaults;
    const written = JSON.stringify({ version: 1, ...general, ...blocks }).slice(1, -1);
    const [, providers = ''] = smallest.split('providers:');
    const models = providers.slice(providers.indexOf('models:') + 'models:'.length);
    const text = `{${written}, providers: ${providers.slice(0, providers.indexOf('models:')).trim().replace('local:', '{local:')}}, models: {${models.trim()}}}`;
    const { stateDir: _folder, ...explicit } = load(text);
    const { stateDir: _other, ...implicit } = load(smallest);
    expect(explicit).to.deep.equal(implicit);
  });

  it('leaves out tools that only the client knows where a model says so, and nowhere else', () => {
    const dropping = (fields: string) =>
      load(smallest.replace('gpt-4: { ', `gpt-4: { ${fields}`)).models['gpt-4']?.targets[0]?.dropsTools;
    expect(dropping('')).to.equal(undefined);
    expect(dropping('hosted_tools: drop, ')).to.equal(true);
    expect(dropping('hosted_tools: refuse, ')).to.equal(undefined);
  });

  it('freezes the result at every level', () => {
    const config = load(smallest);
    expect(Object.isFrozen(config)).to.equal(true);
    expect(Object.isFrozen(config.providers.local?.retry)).to.equal(true);
    expect(Object.isFrozen(config.models['gpt-4']?.targets[0])).to.equal(true);
  });

  it('takes each key from the innermost block that sets it', () => {
    const config = load(`
retry: { attempts: 5, budget: 0.1 }
circuit: { min_failures: 9 }
timeouts: { connect: 1s, stall: 2s, total: 3s, headers: 4s }
providers:
  near: { type: openai, base_url: "http://h/v1", retry: { attempts: 2 }, circuit: { open_for: 1s }, timeouts: { stall: 20s, total: 30s, headers: 40s } }
  far: { type: openai, base_url: "http://h/v1" }
models:
  m:
    timeouts: { total: 300s, headers: 400s }
    targets:
      - { provider: near, model: x, timeouts: { headers: 4000s } }
      - { provider: far, model: x }
`);
    expect(config.providers.near?.retry).to.include({ attempts: 2, budget: 0.1, baseDelayMs: 500 });
    expect(config.providers.near?.circuit).to.include({ minFailures: 9, openForMs: 1_000 });
    expect(config.providers.far?.circuit).to.include({ minFailures: 9, openForMs: 30_000 });
    const [near, far] = config.models.m?.targets ?? [];
    expect(near?.timeouts).to.include({ connectMs: 1_000, stallMs: 20_000, totalMs: 300_000, headersMs: 4_000_000 });
    expect(far?.timeouts).to.include({ connectMs: 1_000, stallMs: 2_000, totalMs: 300_000, headersMs: 400_000 });
  });

  it('takes numbers and booleans from references', () => {
    const text = `server: { port: "\${PORT}", open: "\${OPEN:-true}", max_body: "\${MAX:-1mb}" }\nworkers: \${WORKERS}${smallest}`;
    const config = load(text, { environment: { PORT: '9000', WORKERS: '3' } });
    expect(config.server).to.include({ port: 9000, open: true, maxBodyBytes: 2 ** 20 });
    expect(config.workers).to.equal(3);
  });

  it('keeps a number as text where a text is expected', () => {
    const config = load(`server: { keys: ["\${KEY}"] }${smallest}`, { environment: { KEY: '12345' } });
    expect(config.server.keys).to.deep.equal(['12345']);
  });

  it('reads secrets from files beside the configuration, without their last newline', () => {
    const text = smallest.replace('8001/v1"', `8001/v1", api_key: "\${file:secret}"`);
    expect(load(text, { files: { secret: 'sk-1\n' } }).providers.local?.keys[0]?.key).to.equal('sk-1');
  });

  it('counts empty keys and tokens as none', () => {
    const config = load(`server: { keys: ["\${NO:-}", a] }\nadmin: { token: "\${NO:-}" }${smallest}`);
    expect(config.server.keys).to.deep.equal(['a']);
    expect(config.admin.token).to.equal(null);
  });

  it('relays no metrics behind an admin token', () => {
    expect(load(`admin: { token: t }${smallest}`).server.metricsPath).to.equal(null);
    expect(load(`server: { metrics_path: null }${smallest}`).server.metricsPath).to.equal(null);
  });

  it('treats a block whose keys are all commented out as left out', () => {
    const { server } = load(`server:\n  # port: 1\nretry:\n${smallest}`);
    expect(server.port).to.equal(8080);
  });

  it('uses the default base URL of the type, and removes a trailing slash', () => {
    const text = `
providers:
  openai: { type: openai, api_key: a }
  anthropic: { type: anthropic, api_key: a }
  own: { type: openai, base_url: "http://[::1]:9/v1/" }
models: { m: { targets: [{ provider: own, model: m }] } }`;
    const { providers } = load(text);
    expect(Object.values(providers).map((provider) => provider.baseUrl)).to.deep.equal([
      'https://api.openai.com/v1',
      'https://api.anthropic.com',
      'http://[::1]:9/v1',
    ]);
  });

  it('prefers flags to the file and names them in faults', () => {
    const port = { flag: '--port', path: ['server', 'port'] };
    expect(load(smallest, { overrides: [{ ...port, value: 1234 }] }).server.port).to.equal(1234);
    const faults = linesOf(smallest, {
      overrides: [
        { ...port, value: 'x' },
        { flag: '--host', path: ['server', 'host'], value: '0.0.0.0' },
      ],
    });
    expect(faults).to.deep.equal([
      '--port server.port: should be a port from 0 to 65535, got "x"',
      '--host server.host: should be a loopback address while server.keys is empty and server.open is not true, got "0.0.0.0"',
    ]);
  });

  it('reports all faults together, in the order of the file', () => {
    const text = 'servr: {}\nworkers: 0\nproviders: {}\nmodels: { m: { targets: [{ provider: x }] } }\n';
    expect(faultsOf(text).map(({ line, col, path }) => [line, col, path])).to.deep.equal([
      [1, 1, 'servr'],
      [2, 10, 'workers'],
      [3, 1, 'providers'],
      [4, 26, 'models.m.targets[0].model'],
    ]);
  });

  it('names a file that cannot be read', () => {
    const source = { kind: 'file', path: 'nowhere.yaml' } as const;
    expect(() => loadConfig({ source, environment: {} })).to.throw(
      ConfigError,
      `nowhere.yaml: should be a regular file of at most 1 MiB, got none: there is no such file (looked for ${resolve('nowhere.yaml')})`,
    );
  });

  it('checks an object of the same shape, which has no lines', () => {
    const source = { kind: 'object', name: 'demo', input: { providers: {}, models: {} } } as const;
    expect(() => loadConfig({ source, environment: {} })).to.throw(
      ConfigError,
      /^demo providers: should hold at least one/,
    );
  });

  it('makes a configuration from API keys alone', () => {
    const environment = { ANTHROPIC_API_KEY: 'sk-ant', HEADGATE_KEY: 'k' };
    const config = loadConfig({ source: { kind: 'environment' }, environment });
    expect(Object.keys(config.providers)).to.deep.equal(['anthropic']);
    expect(config.providers.anthropic?.keys[0]?.key).to.equal('sk-ant');
    expect(config.server.keys).to.deep.equal(['k']);
    expect(config.models['claude-sonnet-4-5']?.targets[0]).to.include({ provider: 'anthropic', maxTokens: 4096 });
  });
});

describe('loadListeners', () => {
  const listenersOf = (text: string, environment: Readonly<Record<string, string>> = {}) =>
    inFolder({ 'headgate.yaml': text }, (folder) =>
      loadListeners({ source: { kind: 'file', path: 'headgate.yaml' }, folder, environment }),
    );

  it('reads the admin block although a variable of another block is not set', () => {
    const text = `admin: { port: 7000, token: "\${T}" }\nproviders: { a: { api_key: "\${MISSING}" } }\n`;
    const admin = { host: '127.0.0.1', port: 7000, token: 'secret', openMetrics: false, origins: [] };
    expect(listenersOf(text, { T: 'secret' }).admin).to.deep.equal(admin);
    expect(() => listenersOf(text)).to.throw(ConfigError, 'admin.token');
  });

  it('reads the data port although the variable of its keys is not set', () => {
    const keys = `keys: ["\${MISSING}"]`;
    const local = { host: '127.0.0.1', port: 8080 };
    expect(listenersOf('providers: {}').gateway).to.deep.equal(local);
    expect(listenersOf(`server: { ${keys} }`).gateway).to.deep.equal(local);
    expect(listenersOf(`server: { host: "::", port: 9000, ${keys} }`).gateway).to.deep.equal({
      host: '::',
      port: 9000,
    });
  });

  it('returns no data port if its address cannot be read', () => {
    for (const given of [`port: "\${MISSING}"`, 'port: many', `host: "\${MISSING}"`]) {
      expect(listenersOf(`server: { ${given} }`).gateway, given).to.equal(null);
    }
  });
});
