import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Outcome, OutcomeWindow, trips } from '../../../../src/shared/circuits/trip-rule.ts';
import { circuitOptions as options } from '../../../helpers/test-config.ts';

const limits = { outcomes: 200, windowMs: 60_000 };

function outcome(request: number | null, failure: boolean, atMs = 0, worker = 'a'): Outcome {
  return { worker, request, failure, body: null, sentMs: atMs, atMs };
}

/** The failure of a request whose body has been seen before, or not. */
function failureOf(body: number, request: number, atMs = 0): Outcome {
  return { ...outcome(request, true, atMs), body };
}

function windowOf(failures: readonly boolean[]): OutcomeWindow {
  return failures.reduce((window, failure, index) => window.add(outcome(index, failure), limits), OutcomeWindow.empty);
}

describe('the trip rule', () => {
  it('trips at five failures when they are half of all', () => {
    expect(trips(windowOf([true, true, true, true, true]), 0, options)).to.equal(true);
    expect(trips(windowOf([...Array(5).fill(true), ...Array(5).fill(false)]), 0, options)).to.equal(true);
  });

  it('holds below five failures, however bad their share', () => {
    expect(trips(windowOf([true, true, true, true]), 0, options)).to.equal(false);
  });

  it('holds below the share, however many failures', () => {
    expect(trips(windowOf([...Array(50).fill(true), ...Array(51).fill(false)]), 0, options)).to.equal(false);
  });
});

describe('failures with the same body', () => {
  const poison = Array.from({ length: 50 }, (_, request) => failureOf(7, request));
  const windowWith = (outcomes: readonly Outcome[]) =>
    outcomes.reduce((window, next) => window.add(next, limits), OutcomeWindow.empty);

  it('count once while there is any success, however many', () => {
    const window = windowWith([outcome(100, false), ...poison]);
    expect(trips(window, 0, options)).to.equal(false);
    expect(window.tally(0, limits)).to.deep.equal({ outcomes: 2, failures: 1, recent: 1 });
  });

  it('count once also where they came before the success', () => {
    const window = windowWith([...poison.slice(0, 4), outcome(100, false), failureOf(8, 101)]);
    expect(window.tally(0, limits).failures).to.equal(2);
    expect(trips(window, 0, options)).to.equal(false);
  });

  it('push no success out of the window', () => {
    const window = windowWith([outcome(100, false), ...Array.from({ length: 20 }, () => poison).flat()]);
    expect(window.size).to.equal(2);
    expect(trips(window, 0, options)).to.equal(false);
  });

  it('count each where nothing succeeds', () => {
    expect(trips(windowWith(poison.slice(0, 5)), 0, options)).to.equal(true);
    const old = windowWith([outcome(100, false, 0), ...poison.slice(0, 5).map((one) => ({ ...one, atMs: 60_001 }))]);
    expect(trips(old, 60_001, options)).to.equal(true);
  });

  it('count each where the same body has succeeded too', () => {
    const known = windowWith([{ ...outcome(100, false), body: 7 }, ...poison.slice(0, 5)]);
    expect(trips(known, 0, options)).to.equal(true);
  });

  it('do not keep those with other bodies from opening the circuit', () => {
    const others = [1, 2, 3, 4].map((body) => failureOf(body, 200 + body));
    expect(trips(windowWith([outcome(100, false), ...poison, ...others]), 0, options)).to.equal(true);
  });

  it('are told apart from failures whose bodies are not known, which count each', () => {
    expect(
      trips(windowWith([outcome(100, false), ...[1, 2, 3, 4, 5].map((n) => outcome(n, true))]), 0, options),
    ).to.equal(true);
  });
});

describe('the window of outcomes', () => {
  it('keeps no more than the last outcomes', () => {
    let window = OutcomeWindow.empty;
    for (let request = 0; request < 1_000; request += 1) window = window.add(outcome(request, request < 900), limits);
    expect(window.size).to.equal(200);
    expect(window.failures).to.equal(100);
  });

  it('keeps outcomes as old as the window, and none older', () => {
    const window = OutcomeWindow.empty.add(outcome(1, true, 0), limits);
    expect(window.add(outcome(2, false, 60_000), limits).size).to.equal(2);
    expect(window.add(outcome(2, false, 60_001), limits).size).to.equal(1);
  });

  it('drops outcomes that are too old when it is read', () => {
    const window = OutcomeWindow.empty.add(outcome(1, true, 0), limits).add(outcome(2, true, 50_000), limits);
    expect(window.at(60_001, limits).failures).to.equal(1);
    expect(window.at(200_000, limits).size).to.equal(0);
  });

  it('replaces the outcome of the first attempt by that of a retry', () => {
    const window = windowOf([true, true, true]).replace(outcome(1, false), limits);
    expect(window.size).to.equal(3);
    expect(window.failures).to.equal(2);
  });

  it('adds the outcome of a retry whose first attempt is not in it', () => {
    expect(windowOf([true]).replace(outcome(7, true), limits).failures).to.equal(2);
  });

  it('distinguishes requests with the same number in two workers', () => {
    const window = windowOf([true]).replace(outcome(0, false, 0, 'b'), limits);
    expect(window.size).to.equal(2);
    expect(window.failures).to.equal(1);
  });

  it('never replaces an outcome that belongs to a sum', () => {
    const window = OutcomeWindow.empty.add(outcome(null, true), limits).replace(outcome(null, false), limits);
    expect(window.size).to.equal(2);
  });

  it('keeps no outcomes that it no longer contains in memory', () => {
    let window = OutcomeWindow.empty;
    const beforeBytes = process.memoryUsage().heapUsed;
    for (let request = 0; request < 3_000_000; request += 1) window = window.add(outcome(request, false), limits);
    expect(window.size).to.equal(200);
    // Three million outcomes in memory would take more than twice as much.
    expect(process.memoryUsage().heapUsed - beforeBytes).to.be.below(80 * 2 ** 20);
  });

  it('does not change when other windows are made from it', () => {
    const window = windowOf([true, false]);
    const bad = window.add(outcome(8, true), limits);
    const good = window.add(outcome(9, false), limits);
    expect(window.outcomes().map(({ request }) => request)).to.deep.equal([0, 1]);
    expect(bad.outcomes().map(({ request }) => request)).to.deep.equal([0, 1, 8]);
    expect(good.outcomes().map(({ request }) => request)).to.deep.equal([0, 1, 9]);
    expect([window.failures, bad.failures, good.failures]).to.deep.equal([1, 2, 1]);
  });
});

const entries = fc.array(
  fc.record({
    request: fc.integer({ min: 0, max: 12 }),
    worker: fc.constantFrom('a', 'b'),
    failure: fc.boolean(),
    body: fc.constantFrom(null, 1, 2),
    again: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 400 }),
  }),
  { maxLength: 80 },
);
const smallLimits = fc.record({
  outcomes: fc.integer({ min: 1, max: 10 }),
  windowMs: fc.integer({ min: 1, max: 1_500 }),
});

/** The same rule in its simplest form: an array that is filtered each time. */
function model(known: readonly Outcome[], next: Outcome, again: boolean, size: number, windowMs: number): Outcome[] {
  const last = known.findLastIndex(({ worker, request }) => worker === next.worker && request === next.request);
  const others = again ? known.filter((_, index) => index !== last) : known;
  const successes = others.filter(({ failure, atMs }) => !failure && atMs >= next.atMs - windowMs);
  const works = successes.length > 0 && successes.every(({ body }) => body !== next.body);
  const isReplaced = ({ failure, body }: Outcome) =>
    works && next.failure && failure && body !== null && body === next.body;
  return [...others.filter((one) => !isReplaced(one)), next]
    .slice(-size)
    .filter(({ atMs }) => atMs >= next.atMs - windowMs);
}

describe('the window after any outcomes', () => {
  it('holds the same outcomes as the simple rule, in every version', () => {
    fc.assert(
      fc.property(entries, smallLimits, (list, small) => {
        let window = OutcomeWindow.empty;
        let expected: Outcome[] = [];
        let atMs = 0;
        const versions: { window: OutcomeWindow; expected: Outcome[] }[] = [];
        for (const { again, afterMs, ...entry } of list) {
          atMs += afterMs;
          const next = { ...entry, sentMs: atMs, atMs };
          window = again ? window.replace(next, small) : window.add(next, small);
          expected = model(expected, next, again, small.outcomes, small.windowMs);
          versions.push({ window, expected });
        }
        for (const version of versions) {
          expect(version.window.outcomes()).to.deep.equal(version.expected);
          expect(version.window.failures).to.equal(version.expected.filter(({ failure }) => failure).length);
        }
      }),
    );
  });

  it('counts each body once where anything succeeds, and each failure where nothing does', () => {
    fc.assert(
      fc.property(entries, smallLimits, fc.nat(2_000), (list, small, laterMs) => {
        let atMs = 0;
        let window = OutcomeWindow.empty;
        for (const { again: _, afterMs, ...entry } of list) {
          atMs += afterMs;
          window = window.add({ ...entry, sentMs: atMs, atMs }, small);
        }
        const nowMs = atMs + laterMs;
        const young = window.outcomes().filter((one) => one.atMs >= nowMs - small.windowMs);
        const failed = young.filter(({ failure }) => failure);
        const succeeded = young.filter(({ failure }) => !failure).map(({ body }) => body);
        const [each, once] = [failed, failed].map((list, index) =>
          list.filter(({ body }) => (body === null || succeeded.includes(body)) === (index === 0)),
        );
        const bodies = new Set(once?.map(({ body }) => body)).size;
        const { failures, outcomes, recent } = window.tally(nowMs, small);
        expect(failures).to.equal(succeeded.length > 0 ? (each?.length ?? 0) + bodies : failed.length);
        expect(outcomes).to.equal(young.length - failed.length + failures);
        expect(recent).to.equal(failures);
      }),
    );
  });

  it('counts as many outcomes after a replacement as before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.boolean(),
        (list, at, failure) => {
          const window = windowOf(list);
          expect(window.replace(outcome(at % list.length, failure), limits).size).to.equal(window.size);
        },
      ),
    );
  });

  it('never counts an outcome that is older than the window', () => {
    fc.assert(
      fc.property(entries, smallLimits, fc.nat(2_000), (list, small, laterMs) => {
        let atMs = 0;
        let window = OutcomeWindow.empty;
        for (const { afterMs, request, worker, failure, body } of list) {
          atMs += afterMs;
          window = window.add({ request, worker, failure, body, sentMs: atMs, atMs }, small);
        }
        const nowMs = atMs + laterMs;
        const kept = window.at(nowMs, small).outcomes();
        expect(kept.filter((known) => known.atMs < nowMs - small.windowMs)).to.deep.equal([]);
      }),
    );
  });
});
