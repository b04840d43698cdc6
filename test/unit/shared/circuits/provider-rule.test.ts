import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Circuit, closedCircuit, step } from '../../../../src/shared/circuits/circuit.ts';
import { failuresOfMost, mostAreNotClosed } from '../../../../src/shared/circuits/provider-rule.ts';
import { attemptVerdict } from '../../../helpers/circuit-fixtures.ts';
import { circuitOptions } from '../../../helpers/test-config.ts';

/** A target that has seen so many requests, at `atMs`. */
function target(failures: number, successes = 0, atMs = 100): Circuit {
  const outcomes = [...Array(successes).fill('success'), ...Array(failures).fill('failure')] as const;
  return outcomes.reduce(
    (circuit, verdict, request) =>
      step(circuit, attemptVerdict({ request, verdict, sentMs: atMs }), atMs, circuitOptions),
    closedCircuit(0),
  );
}

const idle = target(0);
const well = target(0, 3);
const open = target(5);

const judged = (targets: readonly Circuit[], sinceMs = 0, nowMs = 100) =>
  failuresOfMost(targets, sinceMs, nowMs, circuitOptions);

describe('the rule over the targets of a provider', () => {
  it('counts the failures together when more than half of those with traffic are failing', () => {
    expect(judged([target(1), target(1), target(1), target(1), target(1)])).to.equal(5);
    expect(judged([target(2), target(3), well, idle, idle, idle])).to.equal(5);
    expect(judged([open, target(1), well])).to.equal(6);
  });

  it('needs two targets with traffic', () => {
    expect(judged([open])).to.equal(0);
    expect(judged([open, idle])).to.equal(0);
  });

  it('needs more than half of them', () => {
    expect(judged([open, well])).to.equal(0);
    expect(judged([open, target(3), well, well])).to.equal(0);
  });

  it('needs as many failures together as one target alone', () => {
    expect(judged([target(2), target(2)])).to.equal(0);
    expect(judged([target(2), target(3)])).to.equal(5);
  });

  it('does not count a target below the share of failures as failing', () => {
    expect(judged([open, target(3, 4)])).to.equal(0);
    expect(judged([open, target(3, 3)])).to.equal(8);
  });

  it('counts no failure that was sent before the circuit of the provider closed', () => {
    expect(judged([open, target(4)], 101, 101)).to.equal(0);
    expect(judged([open, target(4, 0, 101)], 101, 101)).to.equal(0);
    expect(judged([target(2, 0, 101), target(3, 0, 101)], 101, 101)).to.equal(5);
  });

  it('forgets outcomes that are older than the window', () => {
    expect(judged([target(3), target(4)], 0, 60_101)).to.equal(0);
    expect(judged([open, target(4)], 0, 60_101)).to.equal(0);
  });

  it('trips for a thousand models with one failure each', () => {
    const models = Array.from({ length: 1_000 }, (_, index) => (index < 5 ? target(1) : idle));
    expect(judged(models)).to.equal(5);
  });
});

describe('what a provider shows of its targets', () => {
  const shown = (targets: readonly Circuit[], nowMs = 100) => mostAreNotClosed(targets, nowMs, circuitOptions);

  it('is open when more than half of those with traffic are not closed', () => {
    expect(shown([open])).to.equal(true);
    expect(shown([open, idle, idle])).to.equal(true);
    expect(shown([open, well])).to.equal(false);
    expect(shown([open, open, well])).to.equal(true);
    expect(shown([idle, well])).to.equal(false);
    expect(shown([])).to.equal(false);
  });

  it('is open also while they are half-open', () => {
    expect(shown([step(open, { type: 'time-passed' }, 30_100, circuitOptions)], 30_100)).to.equal(true);
  });
});

describe('the rule over the targets, whatever they are', () => {
  it('is the plain one', () => {
    const some = fc.array(fc.record({ failures: fc.nat(6), successes: fc.nat(6) }), { maxLength: 12 });
    fc.assert(
      fc.property(some, (list) => {
        const targets = list.map(({ failures, successes }) => target(failures, successes));
        const carrying = targets.filter((one) => one.state !== 'closed' || one.window.size > 0);
        const failing = carrying.filter(({ state, window }) => {
          return state === 'open' || (window.failures > 0 && window.failures >= window.size / 2);
        });
        const together = failing.reduce((sum, { window }) => sum + window.failures, 0);
        const trips = carrying.length >= 2 && failing.length * 2 > carrying.length && together >= 5;
        expect(judged(targets)).to.equal(trips ? together : 0);
        const notClosed = carrying.filter(({ state }) => state !== 'closed').length;
        expect(mostAreNotClosed(targets, 100, circuitOptions)).to.equal(notClosed * 2 > carrying.length);
      }),
    );
  });
});
