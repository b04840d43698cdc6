/**
 * What an attempt says of its target and of its provider, and how the circuits of both work together: on the way to a
 * target, over many targets, and over the death of a primary.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../../../src/primary/circuits/circuit-authority.ts';
import type { CircuitView } from '../../../../src/shared/circuits/circuit-view.ts';
import type { SavedCircuits } from '../../../../src/shared/circuits/saved-circuits.ts';
import type { Config, ProviderConfig } from '../../../../src/shared/config.ts';
import type { AttemptEnded } from '../../../../src/shared/events.ts';
import { attemptEnded, cooldownStarted, MIDDLE, providerConfig } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { testConfig, testKey, testModel } from '../../../helpers/test-config.ts';

const ok = { verdict: 'success', outcome: 'success' } as const;
/** No connection was made. */
const unconnected = { verdict: 'neutral', providerVerdict: 'failure', outcome: 'connect_error' } as const;

/** One provider with a model of its own for each of its targets. */
function configWith(targets: readonly string[], given: Partial<ProviderConfig> = {}): Config {
  const provider = providerConfig('openai', given);
  const models = targets.map((model) => {
    const target = { provider: 'openai', model, maxTokens: null, level: 0, weight: 1, timeouts: provider.timeouts };
    return [model, testModel(model, [target])] as const;
  });
  return { ...testConfig({ openai: 1 }), providers: { openai: provider }, models: Object.fromEntries(models) };
}

function create(config: Config, clock = new ManualClock()) {
  const views: CircuitView[] = [];
  const kept: SavedCircuits[] = [];
  const authority = new CircuitAuthority({
    config,
    clock,
    random: () => MIDDLE,
    broadcast: (view) => views.push(view),
    keep: (saved) => kept.push(saved),
    changed: () => undefined,
    keyRefused: () => undefined,
  });
  let requests = 0;
  /** The attempts of so many requests, one each. */
  const send = (count: number, model: string, given: Partial<AttemptEnded> = {}) => {
    for (let sent = 0; sent < count; sent += 1) {
      requests += 1;
      authority.events('a', [attemptEnded({ request: requests, model, ...given })]);
    }
  };
  const target = (model: string) => authority.targets().find((one) => one.model === model);
  const provider = () => authority.providers()[0];
  /** Whether the provider's own circuit excludes all of its targets. */
  const isBarred = () => authority.targets().every(({ barred }) => barred);
  return { authority, clock, views, kept, send, target, provider, isBarred };
}

describe('an attempt', () => {
  it('that found no connection is a failure of the provider, and says nothing of the target', () => {
    const { send, target, provider, isBarred } = create(configWith(['m', 'n']));
    send(3, 'm', unconnected);
    send(2, 'n', unconnected);
    expect(isBarred()).to.equal(true);
    expect(provider()).to.include({ state: 'open', failures: 5 });
    expect([target('m')?.state, target('n')?.state]).to.deep.equal(['closed', 'closed']);
  });

  it('that was answered, with whatever status, is a failure of the target and a success of the provider', () => {
    const { send, target, isBarred } = create(configWith(['broken', 'fine']));
    send(20, 'fine', ok);
    send(30, 'broken');
    expect(target('broken')?.state).to.equal('open');
    expect(target('fine')?.state).to.equal('closed');
    expect(isBarred()).to.equal(false);
  });

  it('that was reset before its status line says nothing of the provider', () => {
    const { send, target, isBarred } = create(configWith(['m']));
    send(9, 'm', { providerVerdict: 'neutral' });
    expect(target('m')?.state).to.equal('open');
    expect(isBarred()).to.equal(false);
  });

  it('counts once for its request at the target, and once at the provider', () => {
    const { authority, target, provider } = create(configWith(['m', 'n']));
    const attempts = [1, 2, 3].map((attempt) => attemptEnded({ attempt }));
    authority.events('a', [
      ...attempts,
      attemptEnded({ model: 'n', attempt: 4, targetAttempt: 1, ...unconnected }),
      attemptEnded({ model: 'n', attempt: 5, targetAttempt: 2, ...unconnected }),
    ]);
    expect(target('m')?.failures).to.equal(1);
    expect(provider()?.failures).to.equal(2);
  });
});

describe('one poisonous request, however often it is repeated', () => {
  it('opens nothing while others succeed', () => {
    const { send, target } = create(configWith(['m']));
    send(1, 'm', ok);
    send(1_000, 'm', { body: 4711 });
    expect(target('m')?.state).to.equal('closed');
    send(3, 'm');
    expect(target('m')?.state).to.equal('closed');
    send(1, 'm');
    expect(target('m')?.state).to.equal('open');
  });

  it('opens nothing either when its events were dropped and came as a sum', () => {
    const { authority, send, target } = create(configWith(['m']));
    send(1, 'm', ok);
    const sum = { provider: 'openai', model: 'm', verdict: 'failure', count: 1_000 } as const;
    authority.events('a', [], [{ ...sum, body: 4711 }]);
    expect(target('m')?.state).to.equal('closed');
    authority.events('a', [], [{ ...sum, body: null }]);
    expect(target('m')?.state).to.equal('open');
  });
});

describe('the targets of one provider together', () => {
  it('open its circuit when a thousand models with a request each all fail', () => {
    const models = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
    const { authority, clock, send, isBarred } = create(configWith(models));
    for (const model of models.slice(0, 4)) {
      send(1, model);
      clock.advance(60);
    }
    expect(isBarred()).to.equal(false);
    send(1, 'm4');
    expect(isBarred()).to.equal(true);
    clock.advance(30_000);
    const lease = authority.requestLease('a', 'openai', 'm77') ?? 0;
    expect(authority.requestLease('b', 'openai', 'm78'), 'one probe for all of them').to.equal(null);
    send(1, 'm77', { lease, ...ok });
    expect(isBarred()).to.equal(false);
  });

  it('open its circuit when two of three are broken, and the third is served again after its probe', () => {
    const { authority, clock, send, target, isBarred } = create(configWith(['one', 'two', 'three']));
    send(8, 'three', ok);
    send(5, 'one');
    expect(isBarred()).to.equal(false);
    send(1, 'two');
    expect(isBarred()).to.equal(true);
    clock.advance(30_000);
    const lease = authority.requestLease('a', 'openai', 'three') ?? 0;
    send(1, 'three', { lease, ...ok });
    expect(isBarred()).to.equal(false);
    // The broken ones go on failing, one probe each, which is no news.
    for (const _ of [1, 2, 3, 4, 5]) {
      const probe = authority.requestLease('a', 'openai', 'one');
      if (probe !== null) send(1, 'one', { lease: probe });
      clock.advance(60_000);
    }
    expect(target('one')?.state).to.not.equal('closed');
    expect(isBarred()).to.equal(false);
  });

  it('do not open its circuit where one alone is broken', () => {
    const { send, provider, isBarred } = create(configWith(['broken', 'fine']));
    send(6, 'broken');
    expect(isBarred()).to.equal(false);
    expect(provider(), 'a single target stands for its provider').to.include({ state: 'open', remainingMs: 30_000 });
    send(1, 'fine', ok);
    expect(provider()?.state).to.equal('closed');
  });
});

describe('a lease on the way to a target', () => {
  /** The circuits of the provider and of `m` are due. */
  function createBothDue() {
    const created = create(configWith(['m', 'n']));
    created.send(5, 'm', { providerVerdict: 'neutral' });
    created.send(5, 'n', unconnected);
    created.clock.advance(30_000);
    return created;
  }

  it('is one for all that is half-open there', () => {
    const { authority, send, target, isBarred } = createBothDue();
    const lease = authority.requestLease('a', 'openai', 'm') ?? 0;
    expect(authority.requestLease('b', 'openai', 'm')).to.equal(null);
    expect(authority.requestLease('b', 'openai', 'n'), 'its provider is being probed').to.equal(null);
    send(1, 'm', { lease, ...ok });
    expect(target('m')?.state).to.equal('closed');
    expect(isBarred()).to.equal(false);
  });

  it('is given for nothing where one of both is open', () => {
    const { authority, send } = createBothDue();
    const lease = authority.requestLease('a', 'openai', 'm') ?? 0;
    send(1, 'm', { lease });
    expect(authority.requestLease('a', 'openai', 'm')).to.equal(null);
    expect(authority.requestLease('a', 'openai', 'n'), 'the provider was answered, and needs none').to.equal(null);
  });

  it('closes the circuit of the provider with the status line, before the answer is known', () => {
    const { authority, target, isBarred } = createBothDue();
    const lease = authority.requestLease('a', 'openai', 'm') ?? 0;
    authority.events('a', [{ type: 'probe-succeeded', provider: 'openai', model: null, lease }]);
    expect(isBarred()).to.equal(false);
    expect(target('m')?.state).to.equal('half-open');
    expect(authority.requestLease('b', 'openai', 'm'), 'the target is still being probed').to.equal(null);
  });

  it('returns to the target as neutral when the probe finds no connection', () => {
    const { authority, clock, send, target, provider } = createBothDue();
    const lease = authority.requestLease('a', 'openai', 'm') ?? 0;
    send(1, 'm', { lease, ...unconnected });
    expect(provider()).to.include({ state: 'open', remainingMs: 60_000 });
    expect(target('m')?.state).to.equal('half-open');
    clock.advance(60_000);
    expect(authority.requestLease('a', 'openai', 'm')).to.be.above(lease);
  });

  it('returns for both when it is not used', () => {
    const { authority } = createBothDue();
    const lease = authority.requestLease('a', 'openai', 'm') ?? 0;
    authority.returnLease('a', 'openai', 'm', lease);
    expect(authority.requestLease('b', 'openai', 'm')).to.be.above(lease);
  });
});

describe('views for workers', () => {
  it('name what has changed since the last, the first at the end of its turn and then one per 5 ms', async () => {
    const { authority, clock, send, views } = create(configWith(['m', 'n', 'o']));
    send(5, 'm');
    await nextTurn();
    send(5, 'n');
    clock.advance(1);
    authority.events('a', [cooldownStarted({ model: 'o', retryAfterMs: 4_000 })]);
    await nextTurn();
    expect(views).to.have.length(1);
    clock.advance(4);
    expect(views).to.have.length(2);
    const open = { provider: 'openai', state: 'open' };
    expect(views[0]).to.deep.include({ since: 1, circuits: [{ ...open, model: 'm', remainingMs: 30_000 }] });
    expect(views[1]).to.deep.include({ since: views[0]?.version });
    expect(views[1]?.circuits.map(({ model }) => model))
      .to.deep.include('n')
      .and.not.include('m');
    expect(views[1]?.cooldowns).to.deep.equal([
      { provider: 'openai', key: 'default', model: 'o', remainingMs: 3_996, reason: 'rate_limited' },
    ]);
    expect(authority.view()).to.deep.include({ since: null, version: views[1]?.version });
  });

  it('are whole after a reset', async () => {
    const { authority, send, views } = create(configWith(['m']));
    send(5, 'm');
    authority.reset('openai');
    await nextTurn();
    expect(views).to.deep.equal([{ version: 4, since: null, circuits: [], cooldowns: [], resets: { openai: 1 } }]);
  });
});

describe('the state that a successor needs', () => {
  it('is kept after a change of state, not for each event, and at most each 100 ms', async () => {
    const { authority, clock, send, kept } = create(configWith(['m', 'n']));
    send(4, 'm');
    send(50, 'n', ok);
    await nextTurn();
    expect(kept).to.have.length(0);
    send(1, 'm');
    await nextTurn();
    expect(kept).to.have.length(1);
    authority.events('a', [cooldownStarted({ model: 'n' })]);
    clock.advance(99);
    expect(kept).to.have.length(1);
    clock.advance(1);
    expect(kept).to.have.length(2);
    authority.events('a', [cooldownStarted({ model: null, reason: 'auth' })]);
    authority.keepNow();
    expect(kept.at(-1)?.cooldowns).to.have.length(2);
    authority.keepNow();
    expect(kept, 'there is no news').to.have.length(3);
  });

  /** The state of one gateway `afterMs` later in another, which has this configuration. */
  function succeed(before: ReturnType<typeof create>, afterMs: number, config: Config) {
    const saved: SavedCircuits = JSON.parse(JSON.stringify(before.authority.saved()));
    // Processes share no clock but the wall's.
    const clock = new ManualClock(before.clock.nowMs() + afterMs);
    const after = create(config, clock);
    return { ...after, continued: after.authority.restore(saved) };
  }

  it('continues with the time that is left', () => {
    const config = configWith(['m', 'n']);
    const before = create(config);
    before.send(5, 'm');
    before.authority.events('a', [cooldownStarted({ model: 'n', retryAfterMs: 9_000 })]);
    before.clock.advance(1_000);
    const { authority, clock, continued, send, target } = succeed(before, 2_000, config);
    expect(continued).to.equal(2);
    expect(target('m')).to.include({ state: 'open', remainingMs: 27_000, failures: 5 });
    expect(authority.view().circuits).to.have.length(1);
    expect(authority.view().cooldowns).to.deep.equal([
      { provider: 'openai', key: 'default', model: 'n', remainingMs: 6_000, reason: 'rate_limited' },
    ]);
    clock.advance(27_000);
    expect(target('m')?.state).to.equal('half-open');
    const lease = authority.requestLease('b', 'openai', 'm') ?? 0;
    send(1, 'm', { lease });
    expect(target('m'), 'it doubles as before').to.include({ state: 'open', remainingMs: 60_000, failures: 6 });
  });

  it('is due at once where the time is over, and has no cooldown left', () => {
    const config = configWith(['m', 'n']);
    const before = create(config);
    before.send(5, 'm');
    before.send(5, 'm', unconnected);
    before.authority.events('a', [cooldownStarted({ model: 'n', retryAfterMs: 9_000 })]);
    const { authority, target, isBarred } = succeed(before, 40_000, config);
    expect(target('m')?.state).to.equal('half-open');
    expect(isBarred()).to.equal(true);
    expect(authority.resting()).to.deep.equal([]);
    expect(authority.requestLease('a', 'openai', 'm')).to.be.a('number');
  });

  it('is not made longer by a clock that was set back', () => {
    const config = configWith(['m']);
    const before = create(config);
    before.send(5, 'm');
    expect(succeed(before, -600_000, config).target('m')).to.include({ state: 'open', remainingMs: 30_000 });
  });

  it('is void for a provider that is reached in another way, and for what is no longer configured', () => {
    const before = create(configWith(['m', 'n']));
    before.send(5, 'm');
    before.authority.events('a', [cooldownStarted({ model: null, reason: 'auth' })]);
    expect(succeed(before, 0, configWith(['m', 'n'], { keys: [testKey('another')] })).continued).to.equal(0);
    expect(succeed(before, 0, configWith(['n'])).continued).to.equal(1);
    expect(JSON.stringify(before.authority.saved())).to.not.contain('key-of-openai');
  });
});
