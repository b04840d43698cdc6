import { expect } from 'chai';
import { describe, it } from 'mocha';
import { describeStatus, judgeReadiness } from '../../../../src/primary/admin/status.ts';
import { testConfig } from '../../../helpers/test-config.ts';
import { wellStatus } from '../../../helpers/verdicts.ts';

const refused = {
  ...{ atMs: Date.UTC(2029, 11, 31), by: 'SIGHUP', successful: false, changes: [] },
  problems: ['headgate.yaml:1:2 workers: should be auto, got 0'],
};

const slot = (index: number, ready: boolean, crashLooping = false) => ({ index, ready, crashLooping });

const noCertificates = { certificates: [], wallMs: 0 };
const noTrouble = { credentials: [], models: {}, ...noCertificates };

describe('readiness', () => {
  it('begins when all slots have been ready', () => {
    expect(judgeReadiness({ ...noTrouble, started: false, stopping: false, slots: [slot(0, true)] }).ready).to.equal(
      false,
    );
    expect(judgeReadiness({ ...noTrouble, started: true, stopping: false, slots: [slot(0, true)] }).ready).to.equal(
      true,
    );
  });

  it('continues while one slot is between two workers', () => {
    const slots = [slot(0, true), slot(1, false)];
    expect(judgeReadiness({ ...noTrouble, started: true, stopping: false, slots }).ready).to.equal(true);
  });

  it('ends without a ready worker, in a crash loop and at a stop', () => {
    const reasonOf = (slots: ReturnType<typeof slot>[], stopping = false) =>
      judgeReadiness({ ...noTrouble, started: true, stopping, slots }).reason;
    expect(reasonOf([slot(0, false)])).to.equal('no worker is ready');
    expect(reasonOf([slot(0, true), slot(1, true, true)])).to.equal('workers keep dying in slot 1');
    expect(reasonOf([slot(0, true)], true)).to.equal('stopping');
  });
});

describe('readiness without credentials', () => {
  const { models } = testConfig({ openai: 1, anthropic: 2 });
  const judged = (...lacking: readonly string[]) => {
    const credentials = ['openai', 'anthropic'].map((provider) => ({ provider, usable: !lacking.includes(provider) }));
    const slots = [slot(0, true)];
    return judgeReadiness({ started: true, stopping: false, slots, credentials, models, ...noCertificates });
  };

  it('ends when no target has any, and else only names the problem', () => {
    expect(judged()).to.deep.equal({ ready: true, reason: null });
    const problem = (provider: string) => `there are no valid credentials of provider ${provider}: see the status`;
    expect(judged('openai')).to.deep.equal({ ready: true, reason: null, problems: [problem('openai')] });
    expect(judged('openai', 'anthropic')).to.deep.equal({
      ready: false,
      reason: 'no target has credentials',
      problems: [problem('openai'), problem('anthropic')],
    });
  });
});

describe('readiness with certificates', () => {
  const wallMs = Date.UTC(2026, 0, 1);
  const dayMs = 86_400_000;
  const judged = (expiresAtMs: number, problem: string | null = null) =>
    judgeReadiness({
      ...noTrouble,
      ...{ started: true, stopping: false, slots: [slot(0, true)], wallMs },
      certificates: [{ port: 'gateway', expiresAtMs, problem }],
    });

  it('stays, and names those that expire within a week, that have expired, or that were not renewed', () => {
    expect(judged(wallMs + 8 * dayMs)).to.deep.equal({ ready: true, reason: null });
    expect(judged(wallMs + dayMs).problems).to.deep.equal([
      'the certificate of the gateway port expires at 2026-01-02T00:00:00.000Z',
    ]);
    expect(judged(wallMs - dayMs)).to.deep.equal({
      ready: true,
      reason: null,
      problems: [
        'the certificate of the gateway port has expired at 2025-12-31T00:00:00.000Z: put a new one in its place',
      ],
    });
    expect(judged(wallMs + 30 * dayMs, 'should be X, got Y').problems).to.deep.equal([
      'the certificate of the gateway port was not renewed: its file should be X, got Y',
    ]);
  });
});

describe('the status', () => {
  it('shows when the probe of an open circuit is due, and which providers cool down', () => {
    const status = describeStatus({
      ...wellStatus,
      version: '1.2.3',
      uptimeMs: 61_999,
      wallMs: Date.UTC(2030, 0, 1),
      workers: [
        { slot: 1, pid: 11, state: 'ready', inFlight: 2, snapshotAgeMs: 12.6, traffic: [] },
        { slot: 0, pid: 10, state: 'orphan', inFlight: 0, snapshotAgeMs: null, traffic: [] },
      ],
      circuits: [
        { provider: 'a', state: 'open', remainingMs: 5_000, failures: 6 },
        { provider: 'b', state: 'closed', remainingMs: 0, failures: 0 },
      ],
      targets: [
        { provider: 'a', model: 'm', state: 'closed', remainingMs: 0, failures: 1, barred: true },
        { provider: 'b', model: 'm', state: 'open', remainingMs: 1_000, failures: 5, barred: false },
      ],
      rests: [{ provider: 'b', model: 'm', remainingMs: 10, reason: 'rate_limited' }],
      keys: [
        { provider: 'a', key: 'default', weight: 1, cooldowns: [] },
        {
          provider: 'b',
          key: 'one',
          weight: 2,
          cooldowns: [
            { provider: 'b', key: 'one', model: 'm', remainingMs: 10_000, reason: 'rate_limited' },
            { provider: 'b', key: 'one', model: null, remainingMs: 60_000, reason: 'auth' },
          ],
        },
      ],
      models: testConfig({ openai: 1 }).models,
      credentials: [
        { provider: 'a', kind: 'sigv4', usable: false, expiresAtMs: Date.UTC(2030, 0, 1), problem: 'no file' },
      ],
      certificates: [{ port: 'admin', expiresAtMs: 0, problem: null }],
      config: { version: 4, loadedAtMs: Date.UTC(2029, 11, 31), successful: false, last: refused },
      roll: { startedAtMs: Date.UTC(2029, 11, 30), replaced: 1, of: 2, problem: 'slot 1: no' },
      stateProblem: 'ENOSPC',
      stoppingUntilMs: Date.UTC(2030, 0, 1, 0, 1),
    });
    expect(status.credentials).to.deep.equal([
      { provider: 'a', kind: 'sigv4', usable: false, expiresAt: '2030-01-01T00:00:00.000Z', problem: 'no file' },
    ]);
    expect(status.roll).to.deep.equal({
      ...{ startedAt: '2029-12-30T00:00:00.000Z', replaced: 1, of: 2, problem: 'slot 1: no' },
    });
    expect(status.state).to.deep.equal({ writable: false, error: 'ENOSPC' });
    expect(status.stopping).to.deep.equal({ until: '2030-01-01T00:01:00.000Z' });
    expect(status.primary.uptimeSeconds).to.equal(61);
    expect(status.workers.map(({ slot, snapshotAgeMs }) => [slot, snapshotAgeMs])).to.deep.equal([
      [0, null],
      [1, 13],
    ]);
    expect(status.circuits).to.deep.equal([
      { provider: 'a', state: 'open', openUntil: '2030-01-01T00:00:05.000Z', failures: 6, resting: false },
      { provider: 'b', state: 'closed', openUntil: null, failures: 0, resting: true },
    ]);
    expect(status.targets).to.deep.equal([
      { provider: 'a', model: 'm', state: 'closed', openUntil: null, failures: 1, barred: true },
      { provider: 'b', model: 'm', state: 'open', openUntil: '2030-01-01T00:00:01.000Z', failures: 5, barred: false },
    ]);
    expect(status.rests).to.deep.equal([{ provider: 'b', model: 'm', remainingMs: 10, reason: 'rate_limited' }]);
    expect(status.keys).to.deep.equal([
      { provider: 'a', name: 'default', weight: 1, state: 'ready', until: null, cooldowns: [] },
      {
        ...{ provider: 'b', name: 'one', weight: 2, state: 'cooling-down', until: '2030-01-01T00:01:00.000Z' },
        cooldowns: [
          { model: 'm', until: '2030-01-01T00:00:10.000Z', reason: 'rate_limited' },
          { model: null, until: '2030-01-01T00:01:00.000Z', reason: 'auth' },
        ],
      },
    ]);
    expect(status.models).to.deep.equal([
      {
        ...{
          name: 'gpt-4',
          aliases: [],
          balance: 'order',
          sessions: 'auto',
          fallbacks: { context: [] },
          defaults: [],
          drop: [],
        },
        targets: [{ provider: 'openai', model: 'gpt-4', level: 0, weight: 1 }],
      },
    ]);
    expect(status.config).to.deep.equal({
      version: 4,
      loadedAt: '2029-12-31T00:00:00.000Z',
      lastReloadSuccessful: false,
      lastReload: {
        ...{ at: '2029-12-31T00:00:00.000Z', by: 'SIGHUP', successful: false, changes: [] },
        problems: ['headgate.yaml:1:2 workers: should be auto, got 0'],
      },
    });
  });
});
