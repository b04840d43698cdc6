import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { fold } from '../../../../src/shared/metrics/fold.ts';
import { createWorkerRegistry } from '../../../../src/worker/reporting/process-metrics.ts';
import { everything, ledgerIn, snapshotOf } from '../../../helpers/ledger.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { folded, jsonOf, requestEnded, series, total } from '../../../helpers/numbers.ts';
import { SimulatedWorker } from '../../../helpers/simulated-worker.ts';

const requests = 'llm_requests_total';
const some = (count: number) => Array.from({ length: count }, () => requestEnded());

describe('MetricsLedger', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  it('counts the same in any order of snapshot and events', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    const events = some(6);
    for (const id of ['behind', 'ahead']) ledger.open(id, 0, process.pid);
    ledger.events('behind', 1, events);
    ledger.snapshot(await snapshotOf('behind', events, 4));
    ledger.snapshot(await snapshotOf('ahead', events, 4));
    ledger.events('ahead', 1, events);
    const all = await folded([...events, ...events]);
    expect(series(await everything(ledger))).to.deep.equal(series(all));
  });

  it('keeps the counts of a worker that is gone, and not its gauges', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    const { registry, showInFlight } = createWorkerRegistry(0);
    showInFlight(() => 4);
    ledger.open('a', 0, process.pid);
    ledger.snapshot({ workerId: 'a', sequence: 0, metrics: await jsonOf(registry) });
    ledger.events('a', 1, some(3));
    expect(total(await everything(ledger), 'llm_requests_in_flight')).to.equal(4);
    await ledger.close('a');
    const left = await everything(ledger);
    expect(total(left, requests)).to.equal(3);
    expect(total(left, 'process_cpu_seconds_total')).to.be.greaterThan(0);
    expect(left.filter(({ type }) => type === 'gauge')).to.deep.equal([]);
  });

  it('takes nothing more for a closed account', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    ledger.open('a', 0, process.pid);
    ledger.events('a', 1, some(2));
    const closing = Promise.all([ledger.close('a'), ledger.close('a')]);
    ledger.events('a', 3, some(2));
    ledger.snapshot(await snapshotOf('a', some(9)));
    expect(total(await everything(ledger), requests)).to.equal(2);
    await closing;
    ledger.events('a', 3, some(2));
    expect(total(await everything(ledger), requests)).to.equal(2);
  });

  it('loses nothing when many close at once', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    const ids = Array.from({ length: 20 }, (_, index) => `worker-${index}`);
    for (const id of ids) {
      ledger.open(id, 0, process.pid);
      ledger.events(id, 1, some(7));
    }
    const closing = Promise.all(ids.map((id) => ledger.close(id)));
    expect(total(await everything(ledger), requests)).to.equal(140);
    await closing;
    expect(total(await everything(ledger), requests)).to.equal(140);
    expect(ledger.view().workers).to.deep.equal([]);
  });

  it("does not let sums of the workers' own clocks go down by a bit when they are added in another order", async () => {
    const { ledger } = ledgerIn(temporary.folder);
    const workers = Array.from({ length: 40 }, (_, index) => new SimulatedWorker(`worker-${index}`));
    for (const [index, worker] of workers.entries()) {
      ledger.open(worker.id, 0, process.pid);
      worker.count(some(index * 3 + 1), true);
      await worker.snapshot();
      for (const snapshot of worker.snapshots) ledger.snapshot(snapshot);
    }
    const cpuSeconds = async () => total(await everything(ledger), 'process_cpu_seconds_total');
    const before = await cpuSeconds();
    expect(before).to.be.greaterThan(100);
    for (const { id } of workers.toReversed()) {
      await ledger.close(id);
      expect(await cpuSeconds()).to.equal(before);
    }
  });

  it('folds a tail of 10,000 events into the base, and takes the next snapshot all the same', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    ledger.open('a', 0, process.pid);
    ledger.events('a', 1, some(9_999));
    ledger.events('a', 10_000, some(3));
    const tailLength = () => ledger.view().workers[0]?.tail.reduce((sum, { events }) => sum + events.length, 0);
    ledger.events('a', 10_003, some(4));
    await eventually('the tail to be folded', () => tailLength() === 4);
    expect(total(await everything(ledger), requests)).to.equal(10_006);
    ledger.snapshot(await snapshotOf('a', some(10_005)));
    expect(total(await everything(ledger), requests)).to.equal(10_006);
    expect(tailLength()).to.equal(1);
  });

  it('prefers a snapshot that comes while the tail is being folded, as it holds what never came', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    const snapshot = await snapshotOf('a', some(60));
    ledger.open('a', 0, process.pid);
    ledger.events('a', 51, some(10_000));
    ledger.snapshot(snapshot);
    // Long enough for the folding that was begun to end in vain.
    for (let count = 0; count < 5; count += 1) await everything(ledger);
    expect(total(await everything(ledger), requests)).to.equal(10_050);
  });

  it('hands its totals to the ledger of a successor', async () => {
    const first = ledgerIn(temporary.folder).ledger;
    first.open('a', 0, process.pid);
    first.events('a', 1, some(3));
    await first.close('a');
    const own = fold([await folded([{ type: 'retry', provider: 'openai' }])]);
    first.keepOwn(own);
    const second = ledgerIn(temporary.folder).ledger;
    expect(total(await everything(second), requests)).to.equal(3);
    expect(total(await everything(second), 'llm_retry_total')).to.equal(1);
    second.keepOwn(own);
    const third = ledgerIn(temporary.folder).ledger;
    expect(total(await everything(third), 'llm_retry_total')).to.equal(2);
  });

  it('tells a successor which workers may still live, and whether they had counted', () => {
    const { ledger } = ledgerIn(temporary.folder);
    ledger.open('quiet', 0, process.pid);
    ledger.open('busy', 1, process.pid);
    ledger.events('busy', 1, some(1));
    const { ledger: successor } = ledgerIn(temporary.folder);
    const orphans = successor.orphans().map(({ id, slot, pid, counted }) => ({ id, slot, pid, counted }));
    expect(orphans).to.deep.equal([
      { id: 'quiet', slot: 0, pid: process.pid, counted: false },
      { id: 'busy', slot: 1, pid: process.pid, counted: true },
    ]);
  });

  it('leaves no checkpoint after a clean end', async () => {
    const { ledger } = ledgerIn(temporary.folder);
    ledger.open('a', 0, process.pid);
    ledger.events('a', 1, some(3));
    await ledger.close('a');
    ledger.end();
    const { ledger: successor, messages } = ledgerIn(temporary.folder);
    expect(total(await everything(successor), requests)).to.equal(0);
    expect(messages).to.deep.equal([]);
  });

  it('tells the age of snapshots and calls listeners at each', async () => {
    const clock = new ManualClock();
    const { ledger } = ledgerIn(temporary.folder, { clock });
    ledger.open('a', 0, process.pid);
    let calls = 0;
    const unsubscribe = ledger.onSnapshot(() => {
      calls += 1;
    });
    expect(ledger.snapshotsOf('a')).to.equal(0);
    ledger.snapshot(await snapshotOf('a', []));
    expect(ledger.snapshotsOf('a')).to.equal(1);
    clock.advance(700);
    expect(ledger.snapshotAgeMs('a')).to.equal(700);
    unsubscribe();
    ledger.snapshot(await snapshotOf('a', []));
    expect(calls).to.equal(1);
    expect(ledger.snapshotAgeMs('nobody')).to.equal(null);
    expect(ledger.snapshotsOf('nobody')).to.equal(null);
  });
});
