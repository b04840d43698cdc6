import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { CircuitStatus, CircuitView, CooldownStatus } from '../../../../src/shared/circuits/circuit-view.ts';
import { CircuitGate } from '../../../../src/worker/circuits/circuit-gate.ts';
import { cooldownStarted } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { circuitOptions } from '../../../helpers/test-config.ts';

function viewOf(
  version: number,
  circuit: Partial<CircuitStatus>,
  cooldowns: readonly CooldownStatus[] = [],
): CircuitView {
  return {
    version,
    since: null,
    circuits: [{ provider: 'openai', model: null, state: 'closed', remainingMs: 0, ...circuit }],
    cooldowns,
  };
}

const target = { provider: 'openai', model: 'm' };
const KEYS = [{ name: 'default' }];
const halfOpen = viewOf(1, { state: 'half-open' });

function create(view?: CircuitView) {
  const clock = new ManualClock();
  const requested: string[] = [];
  const returned: number[] = [];
  const primary = { heardAtMs: clock.nowMs() };
  const gate = new CircuitGate({
    clock,
    requestLease: ({ provider, model }, request) => requested.push(`${provider}/${model} ${request}`),
    returnLease: (_, lease) => returned.push(lease),
    primaryLastMessageAtMs: () => primary.heardAtMs,
    circuitOptions: () => circuitOptions,
  });
  if (view !== undefined) gate.apply(view);
  const kind = (model = 'm') => gate.state('openai', model, KEYS).kind;
  const messageFromPrimary = () => {
    primary.heardAtMs = clock.nowMs();
  };
  return { gate, clock, requested, returned, kind, messageFromPrimary };
}

/** A gate without a message from the primary for more than 2 s, with a circuit whose probe is due. */
function createAlone() {
  const created = create(halfOpen);
  created.clock.advance(2_001);
  return created;
}

describe('the circuit gate', () => {
  it('lets requests to every provider pass that the view does not name', () => {
    expect(create().kind()).to.equal('available');
    expect(create(viewOf(1, {})).kind()).to.equal('available');
  });

  it('counts an open circuit down by its own clock until its probe is due', () => {
    const { gate, clock, kind } = create(viewOf(1, { state: 'open', remainingMs: 30_000 }));
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({ kind: 'open', remainingMs: 30_000 });
    clock.advance(29_999);
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({ kind: 'open', remainingMs: 1 });
    clock.advance(1);
    expect(kind()).to.equal('probe-due');
  });

  it('ignores a view that is older than the known one', () => {
    const { gate, kind } = create(viewOf(5, { state: 'open', remainingMs: 30_000 }));
    gate.apply(viewOf(4, {}));
    expect(kind()).to.equal('open');
    gate.apply(viewOf(6, {}));
    expect(kind()).to.equal('available');
  });

  it('leaves out a cooling target alone, and with a key that cools down all of the provider', () => {
    const { gate, clock, kind } = create(
      viewOf(1, {}, [
        { provider: 'openai', key: 'default', model: 'm', remainingMs: 500, reason: 'rate_limited' as const },
      ]),
    );
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({
      kind: 'cooling-down',
      remainingMs: 500,
      reason: 'rate_limited' as const,
    });
    expect(kind('n')).to.equal('available');
    gate.apply(viewOf(2, {}, [{ provider: 'openai', key: 'default', model: null, remainingMs: 800, reason: 'auth' }]));
    expect(kind('n')).to.equal('cooling-down');
    expect(gate.state('anthropic', 'm', KEYS).kind).to.equal('available');
    clock.advance(800);
    expect(kind('n')).to.equal('available');
  });

  it('leaves a target out when all of its keys cool down, until the first can be used', () => {
    const two = [{ name: 'a' }, { name: 'b' }];
    const limited = { provider: 'openai', key: 'a', model: 'm', remainingMs: 9_000, reason: 'rate_limited' } as const;
    const { gate, clock } = create(viewOf(1, {}, [limited]));
    const state = (keys = two) => gate.state('openai', 'm', keys);
    expect([state().kind, state([{ name: 'a' }]).kind]).to.deep.equal(['available', 'cooling-down']);
    expect(['a', 'b'].map((key) => gate.isCooling('openai', 'm', key))).to.deep.equal([true, false]);
    expect(gate.isCooling('openai', 'n', 'a')).to.equal(false);
    gate.coolDownLocally(cooldownStarted({ key: 'b', model: null, reason: 'auth' }));
    expect(state()).to.deep.equal({ kind: 'cooling-down', remainingMs: 9_000, reason: 'rate_limited' });
    clock.advance(9_000);
    expect([state().kind, gate.isCooling('openai', 'm', 'b')]).to.deep.equal(['available', true]);
  });

  it('names the circuit and the later end where a target cools down behind an open circuit', () => {
    const cooldowns = [
      { provider: 'openai', key: 'default', model: 'm', remainingMs: 9_000, reason: 'rate_limited' as const },
    ];
    const { gate, kind } = create(viewOf(1, { state: 'open', remainingMs: 4_000 }, cooldowns));
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({ kind: 'open', remainingMs: 9_000 });
    gate.apply(viewOf(2, { state: 'half-open' }, cooldowns));
    expect(kind()).to.equal('cooling-down');
  });
});

describe('a cooldown of this worker', () => {
  it('applies immediately, and still after a view that cannot include it yet', () => {
    const { gate, kind } = create();
    gate.coolDownLocally(cooldownStarted({ retryAfterMs: 5_000 }));
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({
      kind: 'cooling-down',
      remainingMs: 5_000,
      reason: 'rate_limited' as const,
    });
    gate.apply(viewOf(2, {}));
    expect(kind()).to.equal('cooling-down');
  });

  it('ends with a view that resets its provider, but not if it began after that reset', () => {
    const { gate, kind } = create(viewOf(1, {}));
    gate.coolDownLocally(cooldownStarted({ retryAfterMs: 60_000 }));
    gate.apply(viewOf(2, {}));
    expect(kind()).to.equal('cooling-down');
    gate.apply({ ...viewOf(3, {}), resets: { openai: 1 } });
    expect(kind()).to.equal('available');
    gate.coolDownLocally(cooldownStarted({ model: null, reason: 'auth' }));
    gate.apply({ ...viewOf(4, {}), resets: { openai: 1, other: 1 } });
    expect(kind()).to.equal('cooling-down');
    gate.apply({ ...viewOf(5, {}), resets: { openai: 2, other: 1 } });
    expect(kind()).to.equal('available');
  });

  it('is replaced by a view that comes after the primary has had time to receive it', () => {
    const { gate, clock, kind } = create();
    gate.coolDownLocally(cooldownStarted({ model: null, reason: 'auth' }));
    clock.advance(1_000);
    expect(kind()).to.equal('cooling-down');
    gate.apply(viewOf(2, {}));
    expect(kind()).to.equal('available');
  });

  it('ends by itself without a primary', () => {
    const { gate, clock, kind } = create();
    gate.coolDownLocally(cooldownStarted({}));
    clock.advance(1_000);
    expect(kind()).to.equal('available');
  });

  it('is not shortened by a shorter one', () => {
    const { gate } = create();
    gate.coolDownLocally(cooldownStarted({ retryAfterMs: 5_000 }));
    gate.coolDownLocally(cooldownStarted({ retryAfterMs: 1_000 }));
    expect(gate.state('openai', 'm', KEYS)).to.deep.equal({
      kind: 'cooling-down',
      remainingMs: 5_000,
      reason: 'rate_limited' as const,
    });
  });
});

describe('a probe with a primary', () => {
  it('gets the lease that the primary grants', async () => {
    const { gate, requested, clock } = create(halfOpen);
    const lease = gate.acquireProbe(target, 3);
    expect(requested).to.deep.equal(['openai/m 3']);
    gate.onLease(target, 3, 8);
    expect(await lease).to.equal(8);
    expect(clock.pending).to.equal(0);
  });

  it('is denied after 50 ms without an answer, and returns a lease that arrives later', async () => {
    const { gate, clock, returned } = create(halfOpen);
    const lease = gate.acquireProbe(target, 3);
    clock.advance(50);
    expect(await lease).to.equal(null);
    gate.onLease(target, 3, 8);
    expect(returned).to.deep.equal([8]);
  });

  it('ignores an answer for another request', async () => {
    const { gate, clock, returned } = create(halfOpen);
    const first = gate.acquireProbe(target, 3);
    clock.advance(50);
    const second = gate.acquireProbe(target, 4);
    gate.onLease(target, 3, null);
    gate.onLease(target, 3, 8);
    gate.onLease(target, 4, 9);
    expect([await first, await second]).to.deep.equal([null, 9]);
    expect(returned).to.deep.equal([8]);
  });

  it('has one lease request at a time, and a denial applies for 50 ms or until the next view', async () => {
    const { gate, clock, requested } = create(halfOpen);
    const first = gate.acquireProbe(target, 1);
    expect(await gate.acquireProbe(target, 2)).to.equal(null);
    gate.onLease(target, 1, null);
    expect(await first).to.equal(null);
    expect(await gate.acquireProbe(target, 3)).to.equal(null);
    clock.advance(50);
    void gate.acquireProbe(target, 4);
    gate.onLease(target, 4, null);
    gate.apply(viewOf(2, { state: 'half-open' }));
    void gate.acquireProbe(target, 5);
    expect(requested).to.deep.equal(['openai/m 1', 'openai/m 4', 'openai/m 5']);
  });

  it('returns a lease that was not used', () => {
    const { gate, returned } = create(halfOpen);
    gate.release(target, 8);
    expect(returned).to.deep.equal([8]);
  });
});

describe('a probe without a primary', () => {
  it('is possible after two seconds of silence', async () => {
    const { gate, clock, requested } = create(halfOpen);
    clock.advance(2_000);
    void gate.acquireProbe(target, 1);
    expect(requested).to.have.length(1);
    clock.advance(1);
    expect(await gate.acquireProbe(target, 2)).to.be.below(0);
    expect(requested).to.have.length(1);
  });

  it('is the only one at a time, with a lease number that no primary grants', async () => {
    const { gate, returned } = createAlone();
    const first = (await gate.acquireProbe(target, 1)) ?? 0;
    expect(first).to.be.below(0);
    expect(await gate.acquireProbe(target, 2)).to.equal(null);
    gate.release(target, first);
    expect(await gate.acquireProbe(target, 3)).to.be.below(first);
    expect(returned).to.deep.equal([]);
  });

  it('waits until the circuit is due for it', async () => {
    const { gate, clock } = create(viewOf(1, { state: 'open', remainingMs: 30_000 }));
    clock.advance(29_999);
    expect(await gate.acquireProbe(target, 1)).to.equal(null);
    clock.advance(1);
    expect(await gate.acquireProbe(target, 1)).to.be.below(0);
  });

  it('closes the circuit in this worker when it succeeds, even if the stream fails later', async () => {
    const { gate, kind } = createAlone();
    const lease = (await gate.acquireProbe(target, 1)) ?? 0;
    gate.probeEnded(target, lease, 'success', 'success');
    for (let index = 0; index < 10; index += 1) gate.probeEnded(target, lease, 'failure', 'failure');
    expect(kind()).to.equal('available');
  });

  it('opens the circuit in this worker when it fails, twice as long each time', async () => {
    const { gate, clock, kind } = createAlone();
    for (const remainingMs of [60_000, 120_000, 240_000, 300_000]) {
      gate.probeEnded(target, (await gate.acquireProbe(target, 1)) ?? 0, 'failure', 'failure');
      expect(gate.state('openai', 'm', KEYS)).to.deep.equal({ kind: 'open', remainingMs });
      clock.advance(remainingMs);
      expect(kind()).to.equal('probe-due');
    }
  });

  it('leaves the probe due when it ends neutral', async () => {
    const { gate, kind } = createAlone();
    gate.probeEnded(target, (await gate.acquireProbe(target, 1)) ?? 0, 'neutral', 'neutral');
    expect(kind()).to.equal('probe-due');
    expect(await gate.acquireProbe(target, 2)).to.be.below(0);
  });

  it('is overruled by the next view', async () => {
    const { gate, kind } = createAlone();
    gate.probeEnded(target, (await gate.acquireProbe(target, 1)) ?? 0, 'failure', 'failure');
    expect(kind()).to.equal('open');
    gate.apply(viewOf(2, { state: 'half-open' }));
    expect(kind()).to.equal('probe-due');
  });

  it('is overruled by the known view as soon as the primary sends a message again', async () => {
    const { gate, requested, clock, kind, messageFromPrimary } = createAlone();
    gate.probeEnded(target, (await gate.acquireProbe(target, 1)) ?? 0, 'success', 'success');
    expect(kind()).to.equal('available');
    messageFromPrimary();
    expect(kind()).to.equal('probe-due');
    void gate.acquireProbe(target, 2);
    expect(requested).to.deep.equal(['openai/m 2']);
    clock.advance(2_001);
    expect(kind(), 'decisions from the earlier silence are discarded').to.equal('probe-due');
  });

  it('does not change the circuit for a lease of the primary', () => {
    const { gate, kind } = createAlone();
    gate.probeEnded(target, 8, 'success', 'success');
    expect(kind()).to.equal('probe-due');
  });
});
