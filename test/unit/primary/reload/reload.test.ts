import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { ConfigError } from '../../../../src/config/source/faults.ts';
import { fixedDifferences, Reloader, ReloadRefusedError } from '../../../../src/primary/reload/reload.ts';
import type { Config } from '../../../../src/shared/config.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const initial = testConfig({ openai: 1 });

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
      initial,
      load: async () => ({ config: await next(), warnings }),
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
    expect((await reloader.reload()).version).to.equal(2);
    expect(reloader.config).to.deep.equal(testConfig({ openai: 2 }));
    expect(reloader.loadedAtMs - loadedAtMs).to.equal(1_000);
    expect(applied).to.deep.equal([2]);
  });

  it('changes nothing when the configuration cannot be loaded', async () => {
    const fault = new Error('bad file');
    next = async () => {
      throw fault;
    };
    expect(await reloader.reload().catch((error: unknown) => error)).to.equal(fault);
    expect(reloader).to.include({ config: initial, version: 1, successful: false });
    expect(applied).to.deep.equal([]);
  });

  it('refuses changes that need a restart and names them', async () => {
    next = async () => ({ ...initial, workers: 99 });
    const error: unknown = await reloader.reload().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ReloadRefusedError).with.property('message').that.contains('workers');
    expect(reloader).to.include({ config: initial, version: 1, successful: false });
  });

  it('logs faults of the file as a list, and a stack only for a possible bug', async () => {
    const place = { file: 'headgate.yaml', line: 1, col: 2, path: 'workers', hint: null };
    next = () => Promise.reject(new ConfigError([{ ...place, message: 'should be auto, got 0' }]));
    await reloader.reload().catch(() => undefined);
    next = async () => ({ ...initial, workers: 99 });
    await reloader.reload().catch(() => undefined);
    next = () => Promise.reject(new TypeError('a bug'));
    await reloader.reload().catch(() => undefined);
    const [faults, refusal, bug] = lines;
    expect(faults).to.deep.include({ faults: ['headgate.yaml:1:2 workers: should be auto, got 0'] });
    expect(refusal)
      .to.have.property('reason')
      .that.contains('needs a restart (`headgate restart --all`, or stop and start');
    expect(refusal).to.have.property('reason').that.contains('workers changed');
    expect(JSON.stringify([faults, refusal])).not.to.contain('    at ');
    expect(bug).to.have.nested.property('err.stack').that.contains('    at ');
  });

  it('logs what may not be meant, once, when it is active and not before', async () => {
    warnings = ['a.yaml:1:2 log: is odd', 'a.yaml:3:4 models: are odd'];
    await reloader.check();
    next = async () => ({ ...initial, workers: 99 });
    await reloader.reload().catch(() => undefined);
    next = async () => initial;
    await reloader.reload();
    expect(lines.filter(({ level }) => level === 40).map(({ msg }) => msg)).to.deep.equal(warnings);
  });

  it('succeeds after a failed one', async () => {
    next = () => Promise.reject(new Error('bad file'));
    await reloader.reload().catch(() => undefined);
    next = async () => initial;
    await reloader.reload();
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
    const reloaded = await Promise.all([reloader.reload(), reloader.reload(), reloader.reload()]);
    expect(reloaded.map(({ version }) => version)).to.deep.equal([2, 3, 4]);
    expect(applied).to.deep.equal([2, 3, 4]);
  });
});
