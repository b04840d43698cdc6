import { expect } from 'chai';
import { describe, it } from 'mocha';
import { WorkerAccount } from '../../../../src/primary/ledger/worker-account.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';

const events = (count: number): WorkerEvent[] =>
  Array.from({ length: count }, () => ({ type: 'retry', provider: 'a' }));

/** The numbers of the events in the tail. */
function numbers(account: WorkerAccount): number[] {
  return account.tail().flatMap(({ first, events }) => events.map((_, index) => first + index));
}

function base(sequence: number) {
  return { sequence, metrics: [] };
}

describe('WorkerAccount', () => {
  it('adds new events and ignores known ones', () => {
    const account = new WorkerAccount();
    account.append(1, events(3));
    account.append(1, events(3));
    account.append(2, events(4));
    expect(numbers(account)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(account.tailLength).to.equal(5);
    expect(account.last).to.equal(5);
  });

  it('drops the tail up to a snapshot, also in the middle of a message', () => {
    const account = new WorkerAccount();
    account.append(1, events(3));
    account.append(4, events(4));
    account.rebase(base(5));
    expect(numbers(account)).to.deep.equal([6, 7]);
    expect(account.tailLength).to.equal(2);
  });

  it('ignores events that a faster snapshot already holds', () => {
    const account = new WorkerAccount();
    account.rebase(base(4));
    account.append(1, events(3));
    account.append(4, events(3));
    expect(numbers(account)).to.deep.equal([5, 6]);
  });

  it('accepts gaps in the numbers of events', () => {
    const account = new WorkerAccount();
    account.append(1, events(2));
    account.append(10, events(2));
    expect(numbers(account)).to.deep.equal([1, 2, 10, 11]);
    account.rebase(base(5));
    expect(numbers(account)).to.deep.equal([10, 11]);
  });

  it('ignores a snapshot older than its base, and takes a later one with the same number', () => {
    const account = new WorkerAccount();
    const newer = base(5);
    account.rebase(newer);
    account.rebase(base(4));
    expect(account.base).to.equal(newer);
    const again = base(5);
    account.rebase(again);
    expect(account.base).to.equal(again);
  });

  it('gives a tail that does not change afterwards', () => {
    const account = new WorkerAccount();
    account.append(1, events(2));
    const tail = account.tail();
    account.append(3, events(2));
    account.rebase(base(4));
    expect(tail.flatMap(({ events }) => events)).to.have.length(2);
  });
});
