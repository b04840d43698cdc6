import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type AttemptVerdict,
  type Circuit,
  type CircuitEvent,
  closedCircuit,
  step,
} from '../../../../src/shared/circuits/circuit.ts';
import type { CircuitOptions } from '../../../../src/shared/config.ts';
import { attemptVerdict } from '../../../helpers/circuit-fixtures.ts';
import { circuitOptions } from '../../../helpers/test-config.ts';

interface Timed {
  readonly atMs: number;
  readonly event: CircuitEvent;
}

function run(events: readonly Timed[], options: CircuitOptions = circuitOptions, from = closedCircuit(0)): Circuit {
  return events.reduce((circuit, { atMs, event }) => step(circuit, event, atMs, options), from);
}

const failures = (count: number, given: Partial<AttemptVerdict> = {}): Timed[] =>
  Array.from({ length: count }, (_, index) => ({ atMs: 100, event: attemptVerdict({ request: index, ...given }) }));

const lease = (number: number, given: { worker?: string; freshUntilMs?: number } = {}): CircuitEvent => ({
  type: 'lease-asked',
  lease: { number, worker: 'a', freshUntilMs: 1e12, ...given },
});

const opened = run(failures(5));
const probing = run([{ atMs: 30_100, event: lease(1) }], circuitOptions, opened);

describe('a closed circuit', () => {
  it('opens after five failures of five', () => {
    expect(run(failures(4)).state).to.equal('closed');
    expect(opened).to.deep.include({ state: 'open', untilMs: 30_100, failedProbes: 0, failures: 5 });
  });

  it('stays closed when one request fails all its attempts', () => {
    const attempts = [1, 2, 3, 4, 5, 6].map((attempt) => ({
      atMs: attempt,
      event: attemptVerdict({ request: 9, again: attempt > 1 }),
    }));
    expect(run(attempts).state).to.equal('closed');
  });

  it('stays closed when retries succeed after failed first attempts', () => {
    const events = Array.from({ length: 40 }, (_, request) => [
      { atMs: request, event: attemptVerdict({ request }) },
      { atMs: request, event: attemptVerdict({ request, again: true, verdict: 'success' }) },
    ]).flat();
    expect(run(events).state).to.equal('closed');
  });

  it('ignores a neutral verdict', () => {
    const circuit = run(failures(4));
    expect(step(circuit, attemptVerdict({ request: 50, verdict: 'neutral' }), 200, circuitOptions)).to.equal(circuit);
  });

  it('keeps no failure that is older than its window', () => {
    const late = { atMs: 60_101, event: attemptVerdict({ request: 99 }) };
    expect(run([...failures(4), late]).state).to.equal('closed');
  });

  it('counts each outcome of a sum separately', () => {
    expect(run(failures(5, { request: null })).state).to.equal('open');
  });

  it('grants no lease', () => {
    const circuit = closedCircuit(0);
    expect(step(circuit, lease(1), 10, circuitOptions)).to.equal(circuit);
  });
});

describe('an open circuit', () => {
  it('stays open until its open time ends, then is due', () => {
    expect(step(opened, { type: 'time-passed' }, 30_099, circuitOptions)).to.equal(opened);
    const due = step(opened, { type: 'time-passed' }, 30_100, circuitOptions);
    expect(due).to.deep.include({ state: 'half-open', failedProbes: 0, failures: 5, lease: null });
  });

  it('grants no lease before its open time ends', () => {
    expect(step(opened, lease(1), 30_099, circuitOptions)).to.equal(opened);
  });

  it('is not prolonged by attempts that were sent before it opened', () => {
    expect(run([{ atMs: 20_000, event: attemptVerdict({ sentMs: 50 }) }], circuitOptions, opened)).to.equal(opened);
  });

  it('stays open at least as long as Retry-After', () => {
    expect(run(failures(5, { retryAfterMs: 45_000 }))).to.include({ untilMs: 45_100 });
    expect(run(failures(5, { retryAfterMs: 3_000 }))).to.include({ untilMs: 30_100 });
  });

  it('cuts Retry-After to an hour', () => {
    expect(run(failures(5, { retryAfterMs: 1e12 }))).to.include({ untilMs: 3_600_100 });
  });

  it('varies its open time by at most a tenth', () => {
    expect(run(failures(5, { jitter: 0 }))).to.include({ untilMs: 27_100 });
    expect(run(failures(5, { jitter: 1 }))).to.include({ untilMs: 33_100 });
  });

  it('closes when it is reset', () => {
    expect(step(opened, { type: 'reset' }, 500, circuitOptions)).to.include({ state: 'closed', sinceMs: 500 });
  });
});

describe('a half-open circuit', () => {
  it('grants its lease to the first worker that asks, and to no other', () => {
    expect(probing).to.deep.include({ state: 'half-open', lease: { number: 1, worker: 'a', freshUntilMs: 1e12 } });
    expect(step(probing, lease(2, { worker: 'b' }), 30_200, circuitOptions)).to.equal(probing);
  });

  it('closes with an empty window when its probe commits', () => {
    const closed = step(probing, { type: 'probe-succeeded', lease: 1 }, 30_300, circuitOptions);
    expect(closed.state).to.equal('closed');
    const after = { sentMs: 30_301 };
    const again = failures(4, after).map(({ event }) => ({ atMs: 30_400, event }));
    expect(run(again, circuitOptions, closed).state).to.equal('closed');
  });

  it('closes when its probe succeeds', () => {
    const end = attemptVerdict({ lease: 1, verdict: 'success' });
    expect(step(probing, end, 30_300, circuitOptions).state).to.equal('closed');
  });

  it('stays closed when the probe fails after its commit', () => {
    const closed = step(probing, { type: 'probe-succeeded', lease: 1 }, 30_300, circuitOptions);
    const death = attemptVerdict({ lease: 1, sentMs: 30_150 });
    expect(step(closed, death, 40_000, circuitOptions)).to.equal(closed);
  });

  it('is not opened again by attempts that were sent before it closed', () => {
    const closed = step(probing, { type: 'probe-succeeded', lease: 1 }, 30_300, circuitOptions);
    const stragglers = failures(50, { sentMs: 90 }).map(({ event }) => ({ atMs: 31_000, event }));
    expect(run(stragglers, circuitOptions, closed)).to.equal(closed);
  });

  it('stays open twice as long after each failed probe, up to the limit', () => {
    let circuit = opened;
    let nowMs = 100;
    const lengths = [1, 2, 3, 4, 5].map((number) => {
      nowMs = circuit.state === 'open' ? circuit.untilMs : nowMs;
      circuit = step(circuit, lease(number), nowMs, circuitOptions);
      circuit = step(circuit, attemptVerdict({ lease: number }), nowMs, circuitOptions);
      return circuit.state === 'open' ? circuit.untilMs - nowMs : 0;
    });
    expect(lengths).to.deep.equal([60_000, 120_000, 240_000, 300_000, 300_000]);
    expect(circuit).to.include({ failedProbes: 5, failures: 10 });
  });

  it('stays due when the verdict of its probe is neutral', () => {
    const due = step(probing, attemptVerdict({ lease: 1, verdict: 'neutral' }), 30_200, circuitOptions);
    expect(due).to.deep.include({ state: 'half-open', lease: null });
    expect(step(due, lease(2), 30_200, circuitOptions)).to.have.nested.property('lease.number', 2);
  });

  it('is due again when the lease is returned or its worker is lost', () => {
    const ends: Timed[] = [
      { atMs: 30_200, event: { type: 'lease-returned', lease: 1 } },
      { atMs: 30_200, event: { type: 'worker-lost', worker: 'a' } },
    ];
    for (const end of ends) expect(run([end], circuitOptions, probing)).to.deep.include({ lease: null });
  });

  it('ignores the end of a lease that nobody holds', () => {
    const others: CircuitEvent[] = [
      { type: 'lease-returned', lease: 0 },
      { type: 'probe-succeeded', lease: 0 },
      { type: 'worker-lost', worker: 'b' },
      attemptVerdict({ lease: 0, verdict: 'success' }),
      attemptVerdict({ lease: -1, verdict: 'success' }),
    ];
    for (const event of others) expect(step(probing, event, 30_200, circuitOptions)).to.equal(probing);
  });

  it('ignores attempts that are not the probe', () => {
    expect(step(probing, attemptVerdict({ verdict: 'success' }), 30_200, circuitOptions)).to.equal(probing);
  });
});

describe('a probe that hangs', () => {
  const first = lease(1, { freshUntilMs: 34_600 });
  const second = lease(2, { worker: 'b', freshUntilMs: 39_100 });
  const hanging = run([{ atMs: 30_100, event: first }], circuitOptions, opened);
  const both = run([{ atMs: 34_600, event: second }], circuitOptions, hanging);

  it('keeps others from probing while its lease is fresh, and no longer', () => {
    expect(step(hanging, second, 34_599, circuitOptions)).to.equal(hanging);
    expect(both).to.have.nested.property('lease.number', 2);
  });

  it('closes the circuit when it succeeds late, whatever came of those after it', () => {
    const late: CircuitEvent[] = [
      { type: 'probe-succeeded', lease: 1 },
      attemptVerdict({ lease: 1, verdict: 'success' }),
    ];
    const failed = step(both, attemptVerdict({ lease: 2 }), 35_000, circuitOptions);
    expect(failed.state).to.equal('open');
    for (const event of late) {
      expect(step(both, event, 36_000, circuitOptions).state).to.equal('closed');
      expect(step(failed, event, 36_000, circuitOptions).state).to.equal('closed');
    }
  });

  it('opens the circuit again when it fails before any other has an answer', () => {
    expect(step(both, attemptVerdict({ lease: 1 }), 35_000, circuitOptions)).to.deep.include({
      state: 'open',
      failedProbes: 1,
    });
  });

  it('is a straggler when it fails after the circuit has closed, has opened again, or is due once more', () => {
    const failure = attemptVerdict({ lease: 1, sentMs: 30_100 });
    const closed = step(both, attemptVerdict({ lease: 2, verdict: 'success' }), 35_000, circuitOptions);
    const again = step(both, attemptVerdict({ lease: 2 }), 35_000, circuitOptions);
    const dueAgain = step(again, lease(3), 95_000, circuitOptions);
    expect(dueAgain.state).to.equal('half-open');
    for (const circuit of [closed, again]) expect(step(circuit, failure, 36_000, circuitOptions)).to.equal(circuit);
    expect(step(dueAgain, failure, 96_000, circuitOptions)).to.equal(dueAgain);
  });

  it('takes nothing from the one after it when it ends neutral or its lease returns', () => {
    for (const event of [
      attemptVerdict({ lease: 1, verdict: 'neutral' }),
      { type: 'lease-returned', lease: 1 } as const,
      { type: 'worker-lost', worker: 'a' } as const,
    ]) {
      expect(step(both, event, 35_000, circuitOptions)).to.equal(both);
    }
  });
});

describe('a circuit that is tripped from outside', () => {
  it('opens like any other, and probes decide on it', () => {
    const tripped = step(closedCircuit(0), { type: 'tripped', failures: 7, jitter: 0.5 }, 100, circuitOptions);
    expect(tripped).to.deep.include({ state: 'open', untilMs: 30_100, failures: 7 });
    expect(step(tripped, { type: 'tripped', failures: 9, jitter: 0.5 }, 200, circuitOptions)).to.equal(tripped);
    const leased = step(tripped, lease(4), 30_100, circuitOptions);
    expect(step(leased, { type: 'probe-succeeded', lease: 4 }, 30_200, circuitOptions).state).to.equal('closed');
  });
});

const verdicts = fc.constantFrom('success', 'failure', 'neutral' as const);
const leaseNumbers = fc.integer({ min: 1, max: 30 });
const anyEvent: fc.Arbitrary<CircuitEvent> = fc.oneof(
  fc.record({
    type: fc.constant('attempt-ended' as const),
    worker: fc.constantFrom('a', 'b'),
    request: fc.integer({ min: 0, max: 20 }),
    again: fc.boolean(),
    sentMs: fc.nat(20_000),
    verdict: verdicts,
    body: fc.constantFrom(null, 1, 2),
    lease: fc.option(leaseNumbers),
    retryAfterMs: fc.nat(2_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ type: fc.constant('probe-succeeded' as const), lease: leaseNumbers }),
  leaseNumbers.map((number) => lease(number, { worker: 'b', freshUntilMs: number * 3_000 })),
  fc.record({ type: fc.constant('lease-returned' as const), lease: leaseNumbers }),
  fc.record({ type: fc.constant('worker-lost' as const), worker: fc.constantFrom('a', 'b') }),
  fc.constant({ type: 'time-passed' as const }),
  fc.constant({ type: 'tripped' as const, failures: 4, jitter: 0.5 }),
);
const history = fc.array(fc.tuple(anyEvent, fc.nat(600)), { maxLength: 120 }).map((list) => {
  let atMs = 0;
  return list.map(([event, afterMs]): Timed => {
    atMs += afterMs;
    return { atMs, event };
  });
});
const quick: CircuitOptions = {
  outcomes: 20,
  windowMs: 5_000,
  minFailures: 3,
  failureShare: 0.4,
  openForMs: 500,
  maxOpenForMs: 3_000,
};

/** The observable state of a circuit. */
function seen(circuit: Circuit): object {
  return circuit.state === 'closed' ? { ...circuit, window: circuit.window.outcomes() } : circuit;
}

describe('a circuit after any events', () => {
  it('is the same after each replay of the same events, from any point', () => {
    fc.assert(
      fc.property(history, fc.nat(120), (events, cut) => {
        const middle = run(events.slice(0, cut), quick);
        const before = seen(middle);
        const first = run(events.slice(cut), quick, middle);
        const second = run(events.slice(cut), quick, middle);
        expect(seen(first)).to.deep.equal(seen(second));
        expect(seen(first)).to.deep.equal(seen(run(events, quick)));
        expect(seen(middle)).to.deep.equal(before);
      }),
    );
  });

  it('is never open for longer than its limit, and then grants a lease', () => {
    fc.assert(
      fc.property(history, (events) => {
        const endMs = events.at(-1)?.atMs ?? 0;
        const circuit = run(events, quick);
        const longestMs = quick.maxOpenForMs * 1.1;
        if (circuit.state === 'open') expect(circuit.untilMs - endMs).to.be.at.most(longestMs);
        // Every lease of this history has expired by then.
        const laterMs = endMs + longestMs + 30 * 3_000;
        const asked = step(circuit, lease(99), laterMs, quick);
        if (circuit.state === 'closed') expect(asked).to.equal(circuit);
        else expect(asked).to.have.nested.property('lease.number', 99);
      }),
    );
  });

  it('grants a lease only after the previous one has ended', () => {
    fc.assert(
      fc.property(history, (events) => {
        let circuit = closedCircuit(0);
        for (const { atMs, event } of events) {
          const before = circuit;
          circuit = step(circuit, event, atMs, quick);
          if (before.state !== 'half-open' || circuit.state !== 'half-open' || before.lease === null) continue;
          if (circuit.lease !== before.lease && circuit.lease !== null) {
            expect(atMs).to.be.at.least(before.lease.freshUntilMs);
          }
        }
      }),
    );
  });
});
