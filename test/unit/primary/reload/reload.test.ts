import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import type { ActiveConfig } from '../../../../src/config/in-force.ts';
import { ConfigError } from '../../../../src/config/source/faults.ts';
import { ReloadRefusedError } from '../../../../src/primary/reload/last-reload.ts';
import { fixedDifferences, Reloader } from '../../../../src/primary/reload/reload.ts';
import type { Config } from '../../../../src/shared/config.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const initial = testConfig({ openai: 1 });

const values = [
  { path: 'workers', value: '99', from: 'headgate.yaml:3:10' },
  { path: 'server.keys[0]', value: '•••', from: `headgate.yaml:5:8, from \${KEY}` },
];

function active(config: Config, warnings: readonly string[] = []): ActiveConfig {
  const baseUrl = { path: 'providers.openai.base_url', value: config.providers.openai?.baseUrl ?? '', from: 'here' };
  return { config, source: 'headgate.yaml', values: [...values, baseUrl], digests: new Map(), warnings };
}

describe('the parts that need a restart', () => {
  it('do not differ if only other parts do', () => {
    expect(fixedDifferences(initial, testConfig({ openai: 2, anthropic: 3 }))).to.deep.equal([]);
  });

  it('are named as in the file', () => {
    const other: Config = {
      ...initial,
      server: { ...initial.server, maxBodyBytes: 1, keepAliveMs: 1, keys: ['other'] },
      admin: { ...initial.admin, token: 'secret' },
      stateDir: '/elsewhere',
      workers: initial.workers + 1,
    };
    expect(fixedDifferences(initial, other)).to.have.members([
      'server.max_body',
      'server.keep_alive',
      'server.keys',
      'admin.token',
      'state_dir',
      'workers',
    ]);
  });
});

describe('a reload', () => {
  let clock: ManualClock;
  let next: () => Promise<Config>;
  let applied: number[];
  let warnings: string[];
  let reloader: Reloader;
  let lines: ReturnType<typeof keptLog>['entries'];

  beforeEach(() => {
    clock = new ManualClock();
    applied = [];
    warnings = [];
    next = async () => testConfig({ openai: 2 });
    const { log, entries } = keptLog();
    lines = entries;
    reloader = new Reloader({
      initial: active(initial),
      load: async () => active(await next(), warnings),
      apply: async (_config, version) => {
        applied.push(version);
      },
      clock,
      log,
    });
  });

  it('activates the new configuration as the next version', async () => {
    const loadedAtMs = reloader.loadedAtMs;
    clock.advance(1_000);
    expect((await reloader.reload('SIGHUP')).version).to.equal(2);
    expect(reloader.config).to.deep.equal(testConfig({ openai: 2 }));
    expect(reloader.loadedAtMs - loadedAtMs).to.equal(1_000);
    expect(applied).to.deep.equal([2]);
  });

  it('names the variables of the environment where nothing has changed: they may be meant', async () => {
    expect(await reloader.reload('SIGHUP')).to.not.have.property('variables');
    expect(await reloader.reload('SIGHUP')).to.deep.include({ changes: [], variables: ['KEY'] });
  });

  it('changes nothing when the configuration cannot be loaded', async () => {
    const fault = new Error('bad file');
    next = async () => {
      throw fault;
    };
    expect(await reloader.reload('SIGHUP').catch((error: unknown) => error)).to.equal(fault);
    expect(reloader).to.include({ config: initial, version: 1, successful: false });
    expect(applied).to.deep.equal([]);
  });

  it('refuses changes that need a restart and names them', async () => {
    next = async () => ({ ...initial, workers: 99 });
    const error: unknown = await reloader.reload('SIGHUP').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ReloadRefusedError).with.property('message').that.contains('workers');
    expect(reloader).to.include({ config: initial, version: 1, successful: false });
  });

  it('logs faults of the file as a list, and a stack only for a possible bug', async () => {
    const place = { file: 'headgate.yaml', line: 1, col: 2, path: 'workers', hint: null };
    next = () => Promise.reject(new ConfigError([{ ...place, message: 'should be auto, got 0' }]));
    await reloader.reload('SIGHUP').catch(() => undefined);
    next = async () => ({ ...initial, workers: 99 });
    await reloader.reload('SIGHUP').catch(() => undefined);
    next = () => Promise.reject(new TypeError('a bug'));
    await reloader.reload('SIGHUP').catch(() => undefined);
    const [faults, refusal, bug] = lines;
    expect(faults).to.deep.include({ faults: ['headgate.yaml:1:2 workers: should be auto, got 0'] });
    expect(refusal)
      .to.have.property('reason')
      .that.contains('needs a restart (`headgate restart --all`, or stop and start');
    expect(refusal).to.have.property('reason').that.contains('workers changed');
    expect(JSON.stringify([faults, refusal])).not.to.contain('    at ');
    expect(bug).to.have.nested.property('err.stack').that.contains('    at ');
  });

  it('keeps a record of the last one: who asked, what it changed, or why it was refused', async () => {
    expect(reloader.last).to.equal(null);
    await reloader.reload('SIGHUP');
    const atMs = clock.wallMs();
    expect(reloader.last).to.deep.equal({
      ...{ atMs, by: 'SIGHUP', successful: true, problems: [] },
      changes: ['providers.openai.base_url: http://127.0.0.1:1/v1 → http://127.0.0.1:2/v1'],
    });
    const place = { file: 'headgate.yaml', line: 1, col: 2, path: 'log', hint: null };
    const faults = [place, { ...place, line: 9 }].map((each) => ({ ...each, message: 'should be X, got Y' }));
    next = () => Promise.reject(new ConfigError(faults));
    clock.advance(1_000);
    await reloader.reload('the admin port (127.0.0.1)').catch(() => undefined);
    expect(reloader.last).to.deep.equal({
      ...{ atMs: atMs + 1_000, by: 'the admin port (127.0.0.1)', successful: false, changes: [] },
      problems: ['headgate.yaml:1:2 log: should be X, got Y', 'headgate.yaml:9:2 log: should be X, got Y'],
    });
    expect(reloader.loadedAtMs).to.equal(atMs);
  });

  it('records the lines of what needs a restart', async () => {
    const server = { ...initial.server, keys: ['another'], keepAliveMs: 1 };
    next = async () => ({ ...initial, workers: 99, server });
    await reloader.reload('SIGHUP').catch(() => undefined);
    const cure = 'changed, which needs a restart (`headgate restart --all`, or stop and start the service)';
    expect(reloader.last?.problems).to.deep.equal([
      `headgate.yaml:5:8 server.keys: ${cure}`,
      `server.keep_alive: ${cure}`,
      `headgate.yaml:3:10 workers: ${cure}`,
    ]);
  });

  it('logs what may not be meant, once, when it is active and not before', async () => {
    warnings = ['a.yaml:1:2 log: is odd', 'a.yaml:3:4 models: are odd'];
    await reloader.check();
    next = async () => ({ ...initial, workers: 99 });
    await reloader.reload('SIGHUP').catch(() => undefined);
    next = async () => initial;
    await reloader.reload('SIGHUP');
    expect(lines.filter(({ level }) => level === 40).map(({ msg }) => msg)).to.deep.equal(warnings);
  });

  it('succeeds after a failed one', async () => {
    next = () => Promise.reject(new Error('bad file'));
    await reloader.reload('SIGHUP').catch(() => undefined);
    next = async () => initial;
    await reloader.reload('SIGHUP');
    expect(reloader).to.include({ version: 2, successful: true });
  });

  it('can be tried without applying anything', async () => {
    await reloader.check();
    next = () => Promise.reject(new Error('bad file'));
    expect(await reloader.check().catch((error: unknown) => error)).to.have.property('message', 'bad file');
    expect(reloader).to.include({ config: initial, version: 1, successful: true });
    expect(applied).to.deep.equal([]);
    expect(lines).to.have.length(1);
  });

  it('waits for the previous one', async () => {
    const reloaded = await Promise.all([
      reloader.reload('SIGHUP'),
      reloader.reload('SIGHUP'),
      reloader.reload('SIGHUP'),
    ]);
    expect(reloaded.map(({ version }) => version)).to.deep.equal([2, 3, 4]);
    expect(applied).to.deep.equal([2, 3, 4]);
  });
});
