import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { circuitName } from '../../../../src/cli/status-lines.ts';
import { CircuitAuthority } from '../../../../src/primary/circuits/circuit-authority.ts';
import type { CircuitView } from '../../../../src/shared/circuits/circuit-view.ts';
import type { SavedCircuits } from '../../../../src/shared/circuits/saved-circuits.ts';
import type { Config } from '../../../../src/shared/config.ts';
import type { AttemptEnded } from '../../../../src/shared/events.ts';
import { attemptEnded, configOf, cooldownStarted, MIDDLE, providerConfig } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { circuitOptions, testKey, testModel } from '../../../helpers/test-config.ts';

const twoProviders = configOf(providerConfig('openai'), providerConfig('anthropic'));

function create(config: Config = twoProviders) {
  const clock = new ManualClock();
  const views: CircuitView[] = [];
  const changes: string[] = [];
  const kept: SavedCircuits[] = [];
  const authority = new CircuitAuthority({
    config,
    clock,
    random: () => MIDDLE,
    broadcast: (view) => views.push(view),
    keep: (saved) => kept.push(saved),
    changed: (provider, model, to) => changes.push(`${circuitName(provider, model)} ${to}`),
    keyRefused: () => undefined,
  });
  const state = (provider: string) => authority.providers().find((report) => report.provider === provider)?.state;
  return { authority, clock, views, changes, kept, state };
}

function failures(count: number, given: Partial<AttemptEnded> = {}): AttemptEnded[] {
  return Array.from({ length: count }, (_, index) => attemptEnded({ request: index, ...given }));
}

/** An authority whose circuit `openai` is due for its probe. */
function createDue() {
  const created = create();
  created.authority.events('a', failures(5));
  created.clock.advance(30_000);
  return created;
}

describe('the circuit authority', () => {
  it('starts with every configured provider and target closed, of which a view names none', () => {
    const { authority } = create();
    expect(authority.view()).to.deep.equal({ version: 1, since: null, circuits: [], cooldowns: [], resets: {} });
    expect(authority.providers().map(({ provider, state }) => `${provider} ${state}`)).to.deep.equal([
      'openai closed',
      'anthropic closed',
    ]);
    expect(authority.targets().map(({ provider, model, state }) => `${provider}/${model} ${state}`)).to.deep.equal([
      'openai/m closed',
      'openai/n closed',
      'anthropic/m closed',
      'anthropic/n closed',
    ]);
  });

  it('opens one circuit on the failures of several workers together', () => {
    const { authority, changes, state } = create();
    for (const worker of ['a', 'b', 'c', 'd']) authority.events(worker, failures(1));
    expect(state('openai')).to.equal('closed');
    authority.events('a', [attemptEnded({ request: 77 })]);
    expect(state('openai')).to.equal('open');
    expect(state('anthropic')).to.equal('closed');
    expect(changes).to.deep.equal(['openai/m open']);
  });

  it('sends a view of an opening before the next turn of the event loop ends', async () => {
    const { authority, views } = create();
    authority.events('a', failures(5));
    await nextTurn();
    expect(views).to.have.length(1);
    expect(views[0]).to.deep.include({ version: 2, since: 1 });
    expect(views[0]?.circuits).to.deep.equal([{ provider: 'openai', model: 'm', state: 'open', remainingMs: 30_000 }]);
  });

  it('sends all changes of one turn in one view', async () => {
    const { authority, views } = create();
    authority.events('a', failures(5));
    authority.events('b', failures(5, { provider: 'anthropic' }));
    authority.events('b', [cooldownStarted({})]);
    await nextTurn();
    expect(
      views.map(({ circuits, cooldowns }) => [...circuits.map(({ state }) => state), cooldowns.length]),
    ).to.deep.equal([['open', 'open', 1]]);
  });

  it('sends no view when nothing has changed', async () => {
    const { authority, views } = create();
    authority.events('a', [attemptEnded({}), attemptEnded({ request: 2, verdict: 'success', outcome: 'success' })]);
    authority.events('a', [cooldownStarted({ retryAfterMs: 5_000 })]);
    await nextTurn();
    authority.events('a', [cooldownStarted({ retryAfterMs: 1_000 })]);
    await nextTurn();
    expect(views).to.have.length(1);
  });

  it('makes a circuit half-open by a timer when its open time ends', async () => {
    const { changes, clock, state, views } = createDue();
    expect(state('openai')).to.equal('half-open');
    expect(changes).to.deep.equal(['openai/m open', 'openai/m half-open']);
    await nextTurn();
    expect(clock.pending).to.equal(0);
    expect(views.at(-1)?.circuits[0]).to.deep.equal({
      provider: 'openai',
      model: 'm',
      state: 'half-open',
      remainingMs: 0,
    });
  });

  it('makes a circuit half-open also when its timer fires early', () => {
    const clock = new ManualClock();
    const authority = new CircuitAuthority({
      config: twoProviders,
      clock: {
        nowMs: () => clock.nowMs(),
        wallMs: () => clock.wallMs(),
        after: (delayMs, callback) => clock.after(Math.max(1, delayMs - 1), callback),
        every: (periodMs, callback) => clock.every(periodMs, callback),
      },
      random: () => 0.123,
      broadcast: () => undefined,
      keep: () => undefined,
      changed: () => undefined,
      keyRefused: () => undefined,
    });
    authority.events('a', failures(5));
    clock.advance(33_000);
    expect(authority.providers()[0]).to.deep.include({ state: 'half-open' });
  });

  it('shows fewer failures in the status as they become too old', () => {
    const { authority, clock } = create();
    authority.events('a', failures(3));
    clock.advance(40_000);
    authority.events('a', [attemptEnded({ request: 10 })]);
    clock.advance(30_000);
    expect(authority.providers()[0]).to.deep.include({ state: 'closed', failures: 1 });
  });

  it('counts outcomes whose events were dropped', () => {
    const { authority, state } = create();
    authority.events(
      'a',
      [],
      [{ provider: 'openai', model: 'm', verdict: 'failure', body: null, count: 1_000_000_000 }],
    );
    expect(state('openai')).to.equal('open');
  });

  it('ignores attempts that were sent before the circuit closed', () => {
    const { authority, clock, state } = createDue();
    const lease = authority.requestLease('a', 'openai', 'm');
    authority.events('a', [{ type: 'probe-succeeded', provider: 'openai', model: 'm', lease: lease ?? 0 }]);
    clock.advance(1_000);
    authority.events('b', failures(20, { seconds: 2 }));
    expect(state('openai')).to.equal('closed');
    authority.events('b', failures(5, { seconds: 0.5 }));
    expect(state('openai')).to.equal('open');
  });

  it('ignores events and requests for a provider that is not configured', async () => {
    const { authority, views } = create();
    authority.events('a', [
      ...failures(9, { provider: 'gone' }),
      cooldownStarted({ provider: 'gone' }),
      { type: 'probe-succeeded', provider: 'gone', model: 'm', lease: 1 },
    ]);
    await nextTurn();
    expect(views).to.deep.equal([]);
    expect(authority.requestLease('a', 'gone', 'm')).to.equal(null);
    expect(authority.reset('gone')).to.equal(false);
  });

  it('closes a circuit by hand, and no attempt under way opens it again', () => {
    const { authority, changes, clock, state } = create();
    authority.events('a', failures(5));
    clock.advance(100);
    expect(authority.reset('openai')).to.equal(true);
    expect(authority.view().resets).to.deep.equal({ openai: 1 });
    authority.events('a', failures(50, { seconds: 1 }));
    expect(state('openai')).to.equal('closed');
    expect(changes).to.deep.equal(['openai/m open', 'openai/m closed']);
    expect(clock.pending).to.equal(0);
  });
});

describe('leases', () => {
  it('go to the first worker that asks once a circuit is due', () => {
    const { authority, clock } = create();
    authority.events('a', failures(5));
    clock.advance(29_999);
    expect(authority.requestLease('b', 'openai', 'm')).to.equal(null);
    clock.advance(1);
    expect(authority.requestLease('b', 'openai', 'm')).to.be.a('number');
    expect(authority.requestLease('a', 'openai', 'm')).to.equal(null);
    expect(authority.requestLease('b', 'openai', 'm')).to.equal(null);
  });

  it('end with the verdict of their probe', () => {
    const { authority, state } = createDue();
    const first = authority.requestLease('a', 'openai', 'm') ?? 0;
    authority.events('a', [attemptEnded({ lease: first, verdict: 'neutral', outcome: 'rate_limited' })]);
    expect(state('openai')).to.equal('half-open');
    const second = authority.requestLease('b', 'openai', 'm') ?? 0;
    expect(second).to.be.above(first);
    authority.events('b', [{ type: 'probe-succeeded', provider: 'openai', model: 'm', lease: second }]);
    expect(state('openai')).to.equal('closed');
  });

  it('are released when the worker dies, is silent, or returns them', () => {
    const { authority } = createDue();
    authority.requestLease('a', 'openai', 'm');
    authority.workerGone('b');
    expect(authority.requestLease('b', 'openai', 'm')).to.equal(null);
    authority.workerGone('a');
    expect(authority.requestLease('b', 'openai', 'm')).to.be.a('number');
    authority.workerSilent('b');
    const third = authority.requestLease('c', 'openai', 'm') ?? 0;
    authority.returnLease('a', 'openai', 'm', third);
    expect(authority.requestLease('a', 'openai', 'm')).to.equal(null);
    authority.returnLease('c', 'openai', 'm', third);
    expect(authority.requestLease('a', 'openai', 'm')).to.be.a('number');
  });

  it('keep others from probing for less than five seconds', () => {
    const { authority, clock, state } = createDue();
    const first = authority.requestLease('a', 'openai', 'm') ?? 0;
    clock.advance(4_000);
    expect(authority.requestLease('b', 'openai', 'm')).to.equal(null);
    clock.advance(999);
    expect(authority.requestLease('b', 'openai', 'm')).to.be.above(first);
    authority.events('a', [{ type: 'probe-succeeded', provider: 'openai', model: 'm', lease: first }]);
    expect(state('openai')).to.equal('closed');
  });

  it('are ignored when a worker has granted them to itself', () => {
    const { authority, state } = createDue();
    authority.requestLease('a', 'openai', 'm');
    authority.events('b', [
      { type: 'probe-succeeded', provider: 'openai', model: 'm', lease: -1 },
      attemptEnded({ lease: -1, verdict: 'success', outcome: 'success' }),
    ]);
    expect(state('openai')).to.equal('half-open');
  });

  it('are never out twice for one target, whatever the order of things', () => {
    const workers = ['a', 'b', 'c'];
    const action = fc.record({
      kind: fc.constantFrom(
        'ask',
        'ask',
        'return',
        'fail',
        'succeed',
        'neutral',
        'commit',
        'gone',
        'silent',
        'reset',
        'wait',
      ),
      worker: fc.constantFrom(...workers),
      pick: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const { authority, clock } = createDue();
        const given = new Set<number>();
        let out: { lease: number; worker: string } | null = null;
        for (const { kind, worker, pick } of actions) {
          // Mostly the lease that is held; sometimes one that never existed.
          const lease: number = pick > 0 && out !== null ? out.lease : 1_000 + pick;
          const owner: string = out?.worker ?? worker;
          const ends = lease === out?.lease;
          switch (kind) {
            case 'ask': {
              const granted = authority.requestLease(worker, 'openai', 'm');
              if (granted === null) break;
              expect(out, 'a lease is granted while another is held').to.equal(null);
              expect(given.has(granted), 'a number is granted twice').to.equal(false);
              given.add(granted);
              out = { lease: granted, worker };
              break;
            }
            case 'return':
              authority.returnLease(owner, 'openai', 'm', lease);
              if (ends) out = null;
              break;
            case 'fail':
              authority.events(owner, [attemptEnded({ lease })]);
              if (ends) out = null;
              break;
            case 'succeed':
              authority.events(owner, [attemptEnded({ lease, verdict: 'success', outcome: 'success' })]);
              if (ends) out = null;
              break;
            case 'neutral':
              authority.events(owner, [attemptEnded({ lease, verdict: 'neutral', outcome: 'client_gone' })]);
              if (ends) out = null;
              break;
            case 'commit':
              authority.events(owner, [{ type: 'probe-succeeded', provider: 'openai', model: 'm', lease }]);
              if (ends) out = null;
              break;
            case 'gone':
              authority.workerGone(worker);
              if (out?.worker === worker) out = null;
              break;
            case 'silent':
              authority.workerSilent(worker);
              if (out?.worker === worker) out = null;
              break;
            case 'reset':
              authority.reset('openai');
              out = null;
              break;
            case 'wait':
              // Not so long, all in all, that a lease is no longer fresh.
              clock.advance(pick * 10);
              authority.events(worker, failures(pick, { request: 500 + pick }));
              break;
            default:
              kind satisfies never;
          }
        }
        expect(authority.providers()).to.have.length(2);
      }),
    );
  });
});

describe('cooldowns in the authority', () => {
  it('reach workers and gauges, and end without an event', async () => {
    const { authority, clock, views } = create();
    authority.events('a', [cooldownStarted({ retryAfterMs: 4_000 }), cooldownStarted({ model: null, reason: 'auth' })]);
    await nextTurn();
    expect(views[0]?.cooldowns.map(({ remainingMs }) => remainingMs)).to.deep.equal([4_000, 60_000]);
    expect(authority.resting().map(({ model }) => model)).to.deep.equal(['m', null]);
    clock.advance(60_000);
    expect(authority.resting()).to.deep.equal([]);
  });

  it('end with a manual reset of their provider, which is sent to every worker', async () => {
    const { authority, views } = create();
    authority.events('a', [cooldownStarted({ retryAfterMs: 4_000 }), cooldownStarted({ model: null, reason: 'auth' })]);
    expect(authority.reset('openai')).to.equal(true);
    expect(authority.resting()).to.deep.equal([]);
    await nextTurn();
    expect(views.at(-1)?.cooldowns).to.deep.equal([]);
  });

  it('double until a success of the same target', () => {
    const { authority, clock } = create();
    const remaining = () => authority.view().cooldowns[0]?.remainingMs;
    authority.events('a', [cooldownStarted({})]);
    clock.advance(1_500);
    authority.events('b', [cooldownStarted({})]);
    expect(remaining()).to.equal(2_000);
    clock.advance(2_500);
    authority.events('a', [attemptEnded({ verdict: 'success', outcome: 'success', model: 'm', seconds: 0.1 })]);
    authority.events('b', [cooldownStarted({})]);
    expect(remaining()).to.equal(1_000);
  });
});

describe('a reload', () => {
  it('keeps circuits and cooldowns of unchanged providers', () => {
    const { authority, state } = create();
    authority.events('a', [...failures(5), cooldownStarted({ retryAfterMs: 9_000 })]);
    const slower = { ...circuitOptions, openForMs: 60_000 };
    authority.reconfigure(configOf(providerConfig('openai', { circuit: slower }), providerConfig('anthropic')));
    expect(state('openai')).to.equal('open');
    expect(authority.view().cooldowns).to.have.length(1);
  });

  it('resets a provider whose address or key has changed', () => {
    const { authority, changes, clock, state } = create();
    authority.events('a', [...failures(5), cooldownStarted({ model: null, reason: 'auth' })]);
    authority.reconfigure(
      configOf(providerConfig('openai', { keys: [testKey('another')] }), providerConfig('anthropic')),
    );
    expect(state('openai')).to.equal('closed');
    expect(authority.resting()).to.deep.equal([]);
    expect(changes.at(-1)).to.equal('openai/m closed');
    expect(clock.pending).to.equal(0);
  });

  it('adds new providers, removes those that are gone, and says so', async () => {
    const { authority, clock, views } = create();
    authority.events('a', [...failures(5, { provider: 'anthropic' }), cooldownStarted({ provider: 'anthropic' })]);
    await nextTurn();
    authority.reconfigure(configOf(providerConfig('openai'), providerConfig('azure')));
    clock.advance(5);
    expect(authority.providers().map(({ provider }) => provider)).to.deep.equal(['openai', 'azure']);
    expect(views.at(-1)).to.deep.include({ since: null, circuits: [] });
    expect(views.at(-1)?.cooldowns).to.deep.equal([]);
    expect(views[1]?.version).to.be.above(views[0]?.version ?? 0);
  });

  it('forgets circuits and cooldowns of targets that are gone, and keeps those of the others', () => {
    const { authority, changes, clock } = create();
    authority.events('a', [...failures(5), cooldownStarted({}), cooldownStarted({ model: 'n' })]);
    const { 'gpt-4': model } = twoProviders.models;
    const targets = model?.targets.filter((target) => target.model !== 'm') ?? [];
    authority.reconfigure({ ...twoProviders, models: { 'gpt-4': testModel('gpt-4', targets) } });
    expect(authority.view().cooldowns.map((cooldown) => cooldown.model)).to.deep.equal(['n']);
    expect(authority.targets().map((target) => target.model)).to.deep.equal(['n', 'n']);
    expect(changes.at(-1)).to.equal('openai/m closed');
    expect(clock.pending).to.equal(0);
  });
});
