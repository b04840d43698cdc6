import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { StatusAnswer } from '../../../src/cli/status-answer.ts';
import { statusLines } from '../../../src/cli/status-lines.ts';
import { localClock } from '../../../src/shared/local-time.ts';

const empty: StatusAnswer = {
  version: '1.2.3',
  primary: { pid: 10, uptimeSeconds: 3661 },
  workers: [],
  circuits: [],
  targets: [],
  rests: [],
  keys: [],
  models: [],
  credentials: [],
  config: { version: 2, loadedAt: '2026-11-23T00:00:00.000Z' },
};
const worker = { traffic: [], pid: 11, state: 'ready' };

describe('statusLines', () => {
  it('begin with the gateway, and leave out empty tables', () => {
    expect(statusLines(empty)).to.deep.equal(['headgate 1.2.3, pid 10, up 1h 1m 1s, configuration version 2']);
  });

  it('begin with what is wrong with the whole gateway', () => {
    const config = { ...empty.config, lastReloadSuccessful: false };
    const state = { writable: false, error: 'ENOSPC' };
    expect(statusLines({ ...empty, config, state, stopping: { until: 'noon' } }).slice(1)).to.deep.equal([
      'stopping: open requests may finish until noon',
      'the last reload was refused, and the configuration before it stays in use: see headgate check',
      'state_dir cannot be written (ENOSPC): a crash of the primary would lose the counts so far',
    ]);
    const fine = { state: { writable: true, error: null }, stopping: null };
    expect(statusLines({ ...empty, ...fine })).to.have.length(1);
  });

  it('say who asked for a reload that was refused, when, and every line that is wrong', () => {
    const problems = ['headgate.yaml:1:2 workers: should be auto, got 0', 'headgate.yaml:3:4 log: should be X, got Y'];
    const lastReload = { at: 'noon', by: 'SIGHUP', successful: false, changes: [], problems };
    const lines = (config: Partial<StatusAnswer['config']>) =>
      statusLines({ ...empty, config: { ...empty.config, ...config } }).slice(1);
    expect(lines({ lastReloadSuccessful: false, lastReload })).to.deep.equal([
      'the last reload, by SIGHUP at noon, was refused, and the configuration before it stays in use:',
      ...problems.map((problem) => `  ${problem}`),
    ]);
    expect(lines({ lastReloadSuccessful: true, lastReload: { ...lastReload, successful: true } })).to.deep.equal([]);
  });

  it('say how far a roll has come, and why it has ended early', () => {
    const roll = { startedAt: 'noon', replaced: 1, of: 4, problem: null };
    const lines = (more: Partial<NonNullable<StatusAnswer['roll']>>) =>
      statusLines({ ...empty, roll: { ...roll, ...more } }).slice(1);
    expect(lines({})).to.deep.equal(['workers are being replaced since noon: 1 of 4 done']);
    expect(lines({ problem: 'slot 1: no' })).to.deep.equal([
      'the last replacement of workers ended after 1 of 4: slot 1: no',
    ]);
    expect(lines({ replaced: 4 })).to.deep.equal([]);
  });

  it('say whose credentials cannot be fetched, and until when there are some', () => {
    const shown = { provider: 'aws', usable: true, expiresAt: 'noon', problem: 'no answer' };
    const lines = (more: Partial<typeof shown>) =>
      statusLines({ ...empty, credentials: [{ ...shown, ...more }] }).slice(1);
    expect(lines({})).to.deep.equal([
      'credentials of aws cannot be fetched, those that are held end at noon: no answer',
    ]);
    expect(lines({ usable: false })).to.deep.equal(['credentials of aws cannot be fetched, there are none: no answer']);
    expect(statusLines({ ...empty, credentials: [{ ...shown, problem: null }] })).to.have.length(1);
  });

  it('name the targets whose circuits are not closed under their provider', () => {
    const circuit = { openUntil: null, failures: 0, barred: false };
    const circuits = [
      { provider: 'a', state: 'closed' as const, ...circuit },
      { provider: 'b', state: 'closed' as const, ...circuit },
    ];
    const targets = [
      { provider: 'a', model: 'fine', state: 'closed' as const, ...circuit },
      { provider: 'a', model: 'broken', state: 'open' as const, ...circuit, openUntil: 'noon', failures: 5 },
    ];
    expect(statusLines({ ...empty, circuits, targets }).slice(2)).to.deep.equal([
      'circuit     state   failures  until',
      'a           closed  0',
      '  a/broken  open    5         noon',
      'b           closed  0',
    ]);
  });

  it('begin with the verdict, and what to do about each finding', () => {
    const well = { level: 'well', sentence: 'Well.', since: null, findings: [] };
    expect(statusLines({ ...empty, verdict: well }).slice(0, 2)).to.deep.equal(['Well.', '']);
    const finding = {
      alert: 'a',
      severity: 'page',
      sentence: 'fast: no target left',
      since: 'noon',
      cure: 'Press reset.',
    };
    const findings = [{ ...finding, model: 'fast', provider: null, runbook: 'deploy/alerts.md#a' }];
    const verdict = { level: 'page', sentence: finding.sentence, since: 'noon', findings };
    expect(statusLines({ ...empty, verdict }).slice(0, 3)).to.deep.equal([
      'page: fast: no target left',
      '      Press reset.',
      '',
    ]);
  });

  it('name the reason of each cooldown', () => {
    const rests = [
      { provider: 'a', model: null, remainingMs: 59_100, reason: 'auth' },
      { provider: 'b', model: 'm', remainingMs: 1_000 },
    ];
    expect(statusLines({ ...empty, rests }).slice(2)).to.deep.equal([
      'cooling down  model  time left  reason',
      'a             (all)  1m         its key was refused (401 or 403)',
      'b             m      1s',
    ]);
  });

  it('name the keys of providers that have several, with what each cools down for', () => {
    const ready = { weight: 1, state: 'ready', until: null, cooldowns: [] };
    const until = '2030-01-01T00:01:00.000Z';
    const cooldowns = [
      { model: 'm', until, reason: 'rate_limited' },
      { model: null, until, reason: 'auth' },
    ];
    const keys = [
      { provider: 'a', name: 'default', ...ready },
      { provider: 'b', name: 'one', ...ready },
      { provider: 'b', name: 'two', weight: 1, state: 'cooling-down', until, cooldowns },
    ];
    expect(statusLines({ ...empty, keys }).slice(2)).to.deep.equal([
      'key    state         model  until           reason',
      'b/one  ready',
      `b/two  cooling down  m      ${localClock(Date.parse(until))}  429, a rate limit`,
      `b/two  cooling down  (all)  ${localClock(Date.parse(until))}  its key was refused (401 or 403)`,
    ]);
  });

  it('distinguish a worker without requests from one whose snapshot is late', () => {
    const workers = [
      { ...worker, slot: 0, inFlight: 0, snapshotAgeMs: 1_200 },
      { ...worker, slot: 1, inFlight: 0, snapshotAgeMs: 84_000 },
      { ...worker, slot: 2, inFlight: 3, snapshotAgeMs: 6_900 },
      { ...worker, slot: 3, inFlight: 0, snapshotAgeMs: null },
      { ...worker, slot: 4, inFlight: 0, snapshotAgeMs: 1_200, state: 'orphan' },
    ];
    expect(statusLines({ ...empty, workers }).slice(2)).to.deep.equal([
      'worker  pid  state   in flight  last snapshot',
      '0       11   ready   0          now',
      '1       11   ready   0          idle for 1m 24s',
      '2       11   ready   3          6s ago',
      '3       11   ready   0          none yet',
      '4       11   orphan  ?          by file, 1s ago',
    ]);
  });
});
