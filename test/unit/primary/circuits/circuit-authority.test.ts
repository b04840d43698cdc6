import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../../../src/primary/circuits/circuit-authority.ts';
import type { CircuitView } from '../../../../src/shared/circuits/circuit-view.ts';
import type { Config } from '../../../../src/shared/config.ts';
import type { AttemptEnded } from '../../../../src/shared/events.ts';
import { attemptEnded, configOf, cooldownStarted, MIDDLE, providerConfig } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { circuitOptions } from '../../../helpers/test-config.ts';

const twoProviders = configOf(providerConfig('openai'), providerConfig('anthropic'));

function create(config: Config = twoProviders) {
  const clock = new ManualClock();
  const views: CircuitView[] = [];
  const changes: string[] = [];
  const authority = new CircuitAuthority({
    config,
    clock,
    random: () => MIDDLE,
    broadcast: (view) => views.push(view),
    changed: (provider, to) => changes.push(`${provider} ${to}`),
  });
  const state = (provider: string) => authority.status().find((report) => report.provider === provider)?.state;
  return { authority, clock, views, changes, state };
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
  it('starts with every configured provider closed', () => {
    expect(create().authority.view()).to.deep.equal({
      version: 1,
      circuits: [
        { provider: 'openai', state: 'closed', remainingMs: 0 },
        { provider: 'anthropic', state: 'closed', remainingMs: 0 },
      ],
      cooldowns: [],
      resets: {},
    });
  });

  it('opens one circuit on the failures of several workers together', () => {
    const { authority, changes, state } = create();
    for (const worker of ['a', 'b', 'c', 'd']) authority.events(worker, failures(1));
    expect(state('openai')).to.equal('closed');
    authority.events('a', [attemptEnded({ request: 77 })]);
    expect(state('openai')).to.equal('open');
    expect(state('anthropic')).to.equal('closed');
    expect(changes).to.deep.equal(['openai open']);
  });

  it('sends a view of an opening before the next turn of the event loop ends', async () => {
    const { authority, views } = create();
    authority.events('a', failures(5));
    await nextTurn();
    expect(views).to.have.length(1);
    expect(views[0]).to.deep.include({ version: 2 });
    expect(views[0]?.circuits[0]).to.deep.equal({ provider: 'openai', state: 'open', remainingMs: 30_000 });
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
    expect(changes).to.deep.equal(['openai open', 'openai half-open']);
    expect(clock.pending).to.equal(0);
    await nextTurn();
    expect(views.at(-1)?.circuits[0]).to.deep.equal({ provider: 'openai', state: 'half-open', remainingMs: 0 });
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
      changed: () => undefined,
    });
    authority.events('a', failures(5));
    clock.advance(33_000);
    expect(authority.status()[0]).to.deep.include({ state: 'half-open' });
  });

  it('shows fewer failures in the status as they become too old', () => {
    const { authority, clock } = create();
    authority.events('a', failures(3));
    clock.advance(40_000);
    authority.events('a', [attemptEnded({ request: 10 })]);
    clock.advance(30_000);
    expect(authority.status()[0]).to.deep.include({ state: 'closed', failures: 1 });
  });

  it('counts outcomes whose events were dropped', () => {
    const { authority, state } = create();
    authority.events('a', [], [{ provider: 'openai', verdict: 'failure', count: 1_000_000_000 }]);
    expect(state('openai')).to.equal('open');
  });

  it('ignores attempts that were sent before the circuit closed', () => {
    const { authority, clock, state } = createDue();
    const lease = authority.requestLease('a', 'openai');
    authority.events('a', [{ type: 'probe-committed', provider: 'openai', lease: lease ?? 0 }]);
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
      { type: 'probe-committed', provider: 'gone', lease: 1 },
    ]);
    await nextTurn();
    expect(views).to.deep.equal([]);
    expect(authority.requestLease('a', 'gone')).to.equal(null);
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
    expect(changes).to.deep.equal(['openai open', 'openai closed']);
    expect(clock.pending).to.equal(0);
  });
});

describe('leases', () => {
  it('go to the first worker that asks once a circuit is due', () => {
    const { authority, clock } = create();
    authority.events('a', failures(5));
    clock.advance(29_999);
    expect(authority.requestLease('b', 'openai')).to.equal(null);
    clock.advance(1);
    expect(authority.requestLease('b', 'openai')).to.be.a('number');
    expect(authority.requestLease('a', 'openai')).to.equal(null);
    expect(authority.requestLease('b', 'openai')).to.equal(null);
  });

  it('end with the verdict of their probe', () => {
    const { authority, state } = createDue();
    const first = authority.requestLease('a', 'openai') ?? 0;
    authority.events('a', [attemptEnded({ lease: first, verdict: 'neutral', outcome: 'rate_limited' })]);
    expect(state('openai')).to.equal('half-open');
    const second = authority.requestLease('b', 'openai') ?? 0;
    expect(second).to.be.above(first);
    authority.events('b', [{ type: 'probe-committed', provider: 'openai', lease: second }]);
    expect(state('openai')).to.equal('closed');
  });

  it('are released when the worker dies, is silent, or returns them', () => {
    const { authority } = createDue();
    authority.requestLease('a', 'openai');
    authority.workerGone('b');
    expect(authority.requestLease('b', 'openai')).to.equal(null);
    authority.workerGone('a');
    expect(authority.requestLease('b', 'openai')).to.be.a('number');
    authority.workerSilent('b');
    const third = authority.requestLease('c', 'openai') ?? 0;
    authority.returnLease('a', 'openai', third);
    expect(authority.requestLease('a', 'openai')).to.equal(null);
    authority.returnLease('c', 'openai', third);
    expect(authority.requestLease('a', 'openai')).to.be.a('number');
  });

  it('expire when no probe can still be waiting, even if its end was lost', () => {
    const { authority, clock } = createDue();
    authority.requestLease('a', 'openai');
    clock.advance(twoProviders.providers.openai?.timeouts.totalMs ?? 0);
    expect(authority.requestLease('b', 'openai')).to.equal(null);
    clock.advance(5_000);
    expect(authority.requestLease('b', 'openai')).to.be.a('number');
  });

  it('are ignored when a worker has granted them to itself', () => {
    const { authority, state } = createDue();
    authority.requestLease('a', 'openai');
    authority.events('b', [
      { type: 'probe-committed', provider: 'openai', lease: -1 },
      attemptEnded({ lease: -1, verdict: 'success', outcome: 'success' }),
    ]);
    expect(state('openai')).to.equal('half-open');
  });

  it('are denied only after the view with the reason is sent', () => {
    const { authority, views } = createDue();
    authority.reset('openai');
    expect(authority.requestLease('a', 'openai')).to.equal(null);
    expect(views.at(-1)?.circuits[0]).to.deep.include({ state: 'closed' });
  });

  it('are never held twice for one provider, in any order of events', () => {
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
              const granted = authority.requestLease(worker, 'openai');
              if (granted === null) break;
              expect(out, 'a lease is granted while another is held').to.equal(null);
              expect(given.has(granted), 'a number is granted twice').to.equal(false);
              given.add(granted);
              out = { lease: granted, worker };
              break;
            }
            case 'return':
              authority.returnLease(owner, 'openai', lease);
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
              authority.events(owner, [{ type: 'probe-committed', provider: 'openai', lease }]);
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
              // Too short for a lease to expire.
              clock.advance(pick * 1_000);
              authority.events(worker, failures(pick, { request: 500 + pick }));
              break;
            default:
              kind satisfies never;
          }
        }
        expect(authority.status()).to.have.length(2);
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
    expect(authority.coolingDown()).to.deep.equal(['openai']);
    clock.advance(60_000);
    expect(authority.coolingDown()).to.deep.equal([]);
  });

  it('end with a manual reset of their provider, which is sent to every worker', async () => {
    const { authority, views } = create();
    authority.events('a', [cooldownStarted({ retryAfterMs: 4_000 }), cooldownStarted({ model: null, reason: 'auth' })]);
    expect(authority.reset('openai')).to.equal(true);
    expect(authority.coolingDown()).to.deep.equal([]);
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
    authority.reconfigure(configOf(providerConfig('openai', { apiKey: 'another' }), providerConfig('anthropic')));
    expect(state('openai')).to.equal('closed');
    expect(authority.coolingDown()).to.deep.equal([]);
    expect(changes.at(-1)).to.equal('openai closed');
    expect(clock.pending).to.equal(0);
  });

  it('adds new providers, removes others, and sends a view', async () => {
    const { authority, views } = create();
    authority.events('a', [...failures(5, { provider: 'anthropic' }), cooldownStarted({ provider: 'anthropic' })]);
    await nextTurn();
    authority.reconfigure(configOf(providerConfig('openai'), providerConfig('azure')));
    await nextTurn();
    expect(views.at(-1)?.circuits.map(({ provider }) => provider)).to.deep.equal(['openai', 'azure']);
    expect(views.at(-1)?.cooldowns).to.deep.equal([]);
    expect(views.map(({ version }) => version)).to.deep.equal([3, 4]);
  });

  it('deletes cooldowns of removed targets', () => {
    const { authority } = create();
    authority.events('a', [cooldownStarted({}), cooldownStarted({ model: 'dropped' })]);
    authority.reconfigure(twoProviders);
    expect(authority.view().cooldowns.map(({ model }) => model)).to.deep.equal(['m']);
  });
});
