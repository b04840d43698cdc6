import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { CatchUp } from '../../../../src/primary/history/catch-up.ts';
import { History } from '../../../../src/primary/history/history.ts';
import { historyAnswer } from '../../../../src/primary/history/history-answer.ts';
import { Steps } from '../../../../src/primary/history/steps.ts';
import type { LedgerView } from '../../../../src/primary/ledger/metrics-ledger.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded } from '../../../helpers/numbers.ts';

describe('what no event has told history', () => {
  let clock: ManualClock;
  let history: History;
  let catchUp: CatchUp;
  let events: WorkerEvent[];

  beforeEach(() => {
    clock = new ManualClock();
    events = [];
    history = new History(new Steps(clock));
    const view = (): LedgerView => ({
      retired: [],
      workers: [{ workerId: 'w', slot: 0, snapshotAgeMs: 0, base: [], tail: [{ first: 1, events }] }],
    });
    catchUp = new CatchUp({ history, ledger: { view }, orphans: { settled: true } });
  });

  function pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 2) {
      clock.advance(2_000);
      history.turn();
      catchUp.look();
    }
  }

  const lost = (count: number) => {
    for (let index = 0; index < count; index += 1) events.push(requestEnded());
  };
  const told = (count: number) => {
    const before = events.length;
    lost(count);
    history.count(events.slice(before));
  };
  const shown = () => {
    const { series, approximate } = historyAnswer(
      history,
      { model: null, provider: null },
      { models: [], providers: [] },
    );
    return { requests: series.requests, approximate };
  };
  const sum = () => shown().requests.reduce<number>((total, each) => total + (each ?? 0), 0);

  it('is nothing where all was told', () => {
    catchUp.restore({}, null);
    for (let step = 0; step < 5; step += 1) {
      told(3);
      pass(10);
    }
    expect(sum()).to.equal(15);
    expect(shown().approximate).not.to.include(true);
  });

  it('goes to the step in which it was missed, once, and marks it', () => {
    catchUp.restore({}, null);
    told(3);
    lost(4);
    pass(40);
    expect(sum()).to.equal(7);
    expect(shown().approximate.filter(Boolean)).to.have.length(1);
  });

  it('is spread over the steps since the last one that is kept, at most seven, each request once', () => {
    lost(25);
    catchUp.restore({ 'gateway\n\nrequests': 4 }, history.step - 31);
    pass(20);
    const { requests, approximate } = shown();
    expect(requests.slice(0, 7)).to.deep.equal([3, 3, 3, 3, 3, 3, 3]);
    expect(approximate.filter(Boolean)).to.have.length(7);
    expect(sum()).to.equal(21);
  });

  it('is left out where nobody knows what the steps before have shown', () => {
    lost(25);
    catchUp.restore(null, history.step - 3);
    pass(30);
    expect(sum()).to.equal(0);
    lost(2);
    pass(20);
    expect(sum()).to.equal(2);
  });

  it('is not what a snapshot says for a moment before its events do', () => {
    catchUp.restore({}, null);
    pass(8);
    lost(5);
    catchUp.look();
    history.count(events);
    pass(30);
    expect(sum()).to.equal(5);
    expect(shown().approximate).not.to.include(true);
  });

  it('begins anew where totals have gone down', () => {
    catchUp.restore({ 'gateway\n\nrequests': 1_000 }, null);
    lost(5);
    pass(20);
    expect(sum()).to.equal(0);
    lost(3);
    pass(20);
    expect(sum()).to.equal(3);
  });
});
