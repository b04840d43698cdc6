import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { FailureBook } from '../../../../src/primary/failures/failure-book.ts';
import { FailureKeeper } from '../../../../src/primary/failures/failure-keeper.ts';
import { failureQuery } from '../../../../src/primary/failures/failure-query.ts';
import { readFailures, writeFailures } from '../../../../src/primary/failures/kept-failures.ts';
import { failureReport } from '../../../helpers/failure-reports.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

/** A disk whose texts live with the test. */
class Disk {
  readonly texts = new Map<string, string>();
  problem: string | null = null;
  writes = 0;

  keepText(name: string, text: string): Promise<string | null> {
    this.writes += 1;
    if (this.problem === null) this.texts.set(name, text);
    return Promise.resolve(this.problem);
  }

  keptText(name: string): Promise<string | null> {
    return this.problem === null
      ? Promise.resolve(this.texts.get(name) ?? null)
      : Promise.reject(new Error(this.problem));
  }
}

describe('the keeper of failures', () => {
  let clock: ManualClock;
  let disk: Disk;

  beforeEach(() => {
    clock = new ManualClock();
    disk = new Disk();
  });

  function keeperOf(found: Disk) {
    const book = new FailureBook({ publish: () => undefined, clock });
    const { log, messages } = keptLog();
    const keeper = new FailureKeeper({ book, disk: found, ledger: { writable: true }, clock, log });
    const ids = () => book.read(failureQuery({})).failures.map(({ id }) => id);
    return { book, keeper, messages, ids };
  }

  it('writes each second in which a failure has come, and at the end, for the next one', async () => {
    const { book, keeper } = keeperOf(disk);
    await keeper.start();
    book.take(2, [failureReport({ id: 'a' })], 3);
    clock.advance(1_000);
    await Promise.resolve();
    const { writes } = disk;
    expect(writes).to.equal(1);
    clock.advance(5_000);
    book.take(2, [failureReport({ id: 'b', atMs: 1_700_000_000_001 })], 0);
    await keeper.stop();
    const next = keeperOf(disk);
    await next.keeper.start();
    expect(next.book.read(failureQuery({}))).to.deep.equal(book.read(failureQuery({})));
    expect(next.messages).to.deep.equal([]);
  });

  it('says and sets aside what it cannot read, and begins anew', async () => {
    for (const damaged of ['', '{"version":1', '{"version":2,"withheld":0,"failures":[]}', '[]']) {
      disk.texts.set('failures', damaged);
      const { book, keeper, messages, ids } = keeperOf(disk);
      await keeper.start();
      expect(ids()).to.deep.equal([]);
      expect(messages).to.have.length(1);
      expect(messages[0]).to.match(/cannot be read: they are set aside/);
      expect(disk.texts.get('failures set aside')).to.equal(damaged);
      book.take(0, [failureReport()], 0);
      await keeper.stop();
      expect(readFailures(disk.texts.get('failures') ?? '')?.failures).to.have.length(1);
    }
  });

  it('leaves out a failure that is none, and takes the others', async () => {
    const { book } = keeperOf(disk);
    book.take(1, [failureReport({ id: 'whole' })], 2);
    const text = JSON.parse(writeFailures(book.kept()));
    const broken = [{ ...text.failures[0], code: 'gone' }, { ...text.failures[0], status: 'x' }, null, 5];
    disk.texts.set('failures', JSON.stringify({ ...text, failures: [...broken, ...text.failures] }));
    const { keeper, ids } = keeperOf(disk);
    await keeper.start();
    expect(ids()).to.deep.equal(['whole']);
  });

  it('says once that the disk does not take them, and when it does again', async () => {
    const { book, keeper, messages, ids } = keeperOf(disk);
    await keeper.start();
    disk.problem = 'ENOSPC';
    for (let second = 0; second < 3; second += 1) {
      book.take(0, [failureReport({ id: `${second}`, atMs: second })], 0);
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    expect(keeper.isKept).to.equal(false);
    expect(ids()).to.have.length(3);
    disk.problem = null;
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect(keeper.isKept).to.equal(true);
    expect(readFailures(disk.texts.get('failures') ?? '')?.failures).to.have.length(3);
    expect(messages).to.have.length(2);
  });
});
