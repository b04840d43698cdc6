import { expect } from 'chai';
import { describe, it } from 'mocha';
import { describeStatus } from '../../../../src/primary/admin/status.ts';
import { testConfig } from '../../../helpers/test-config.ts';
import { wellStatus } from '../../../helpers/verdicts.ts';

const refused = {
  ...{ atMs: Date.UTC(2029, 11, 31), by: 'SIGHUP', successful: false, changes: [] },
  problems: ['headgate.yaml:1:2 workers: should be auto, got 0'],
};

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
      config: {
        version: 4,
        loadedAtMs: Date.UTC(2029, 11, 31),
        source: '/etc/headgate.yaml',
        successful: false,
        last: refused,
      },
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
      source: '/etc/headgate.yaml',
      lastReloadSuccessful: false,
      lastReload: {
        ...{ at: '2029-12-31T00:00:00.000Z', by: 'SIGHUP', successful: false, changes: [] },
        problems: ['headgate.yaml:1:2 workers: should be auto, got 0'],
      },
    });
  });
});
