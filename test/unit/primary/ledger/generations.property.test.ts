import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import type { MetricsLedger } from '../../../../src/primary/ledger/metrics-ledger.ts';
import { numbersIn, OrphanFiles } from '../../../../src/primary/ledger/orphan-files.ts';
import { writeWhole } from '../../../../src/shared/state/own-file.ts';
import { orphanPath } from '../../../../src/shared/state/state-files.ts';
import { everything, ledgerIn, snapshotOf } from '../../../helpers/ledger.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded, total } from '../../../helpers/numbers.ts';

/** What happens on the host. `pick` chooses among the workers that run, whichever generation forked them. */
const step = fc.record({
  act: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('count', 'start') },
    { weight: 3, arbitrary: fc.constantFrom('roll', 'scrape', 'write-file') },
    { weight: 2, arbitrary: fc.constantFrom('kill-primary', 'kill-worker', 'kill-all', 'wait') },
  ),
  pick: fc.nat(),
  count: fc.integer({ min: 1, max: 5 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Worker {
  readonly id: string;
  readonly pid: number;
  running: boolean;
  counted: number;
  /** Whether its primary saw any of its numbers. */
  seen: boolean;
  /** How many its file holds; null without a file. */
  filed: number | null;
}

interface Primary {
  readonly ledger: MetricsLedger;
  readonly files: OrphanFiles;
  /** The worker of its one slot. */
  worker: Worker;
  /** Workers of former generations. */
  orphans: Worker[];
  /** Everything that its own workers have counted. */
  ownCounted: number;
  lastShown: number;
}

/** A host with one state folder, and a plain account of what must be shown. */
class Host {
  readonly #folder: string;
  readonly #clock = new ManualClock();
  readonly #workers: Worker[] = [];
  #primary: Primary | null = null;
  /** Workers that the checkpoint names. */
  #named: Worker[] = [];
  /** The numbers of workers that are folded. */
  #folded = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async take({ act, pick, count }: Step): Promise<void> {
    const running = this.#workers.filter((worker) => worker.running);
    const worker = running[pick % Math.max(1, running.length)];
    switch (act) {
      case 'start':
        return this.#start();
      case 'count':
        return worker === undefined ? undefined : this.#count(worker, count);
      case 'roll':
        return this.#primary === null ? undefined : this.#end(this.#primary.worker);
      case 'scrape':
        return this.#scrape();
      case 'write-file':
        return worker === undefined ? undefined : this.#writeFile(worker);
      case 'kill-primary':
        this.#primary = null;
        return;
      case 'kill-worker':
        return worker === undefined ? undefined : this.#end(worker);
      case 'kill-all':
        this.#primary = null;
        for (const each of running) each.running = false;
        return;
      case 'wait':
        this.#clock.advance(200_000);
        return;
      default:
        act satisfies never;
    }
  }

  #start(): void {
    if (this.#primary !== null) return;
    const runs = (pid: number) => this.#workers.some((worker) => worker.pid === pid && worker.running);
    const { ledger, carryOver, log } = ledgerIn(this.#folder, { hasNumbers: numbersIn(this.#folder, runs) });
    const files = new OrphanFiles({ folder: this.#folder, ledger, carryOver, clock: this.#clock, log, runs });
    const orphans = this.#named.filter(({ running, filed }) => running || filed !== null);
    const lost = this.#named.some((worker) => worker.seen && !orphans.includes(worker));
    if (lost && !orphans.some(({ seen }) => seen)) this.#folded = 0;
    const worker = this.#fork(ledger);
    this.#named = [...orphans, worker];
    this.#primary = { ledger, files, worker, orphans, ownCounted: 0, lastShown: 0 };
  }

  #fork(ledger: MetricsLedger): Worker {
    // Above every number that a process of this host can have.
    const pid = 2 ** 30 + this.#workers.length;
    const worker: Worker = { id: `w${pid}`, pid, running: true, counted: 0, seen: false, filed: null };
    this.#workers.push(worker);
    ledger.open(worker.id, 0, pid);
    return worker;
  }

  #count(worker: Worker, count: number): void {
    const first = worker.counted + 1;
    worker.counted += count;
    if (this.#primary?.worker !== worker) return;
    this.#primary.ledger.events(
      worker.id,
      first,
      Array.from({ length: count }, () => requestEnded()),
    );
    this.#primary.ownCounted += count;
    worker.seen = true;
  }

  /** An orphan alone has a file. */
  async #writeFile(worker: Worker): Promise<void> {
    if (worker === this.#primary?.worker) return;
    // One whose account is folded already is not named any more.
    if (!this.#named.includes(worker)) return;
    worker.filed = worker.counted;
    const snapshot = await snapshotOf(
      worker.id,
      Array.from({ length: worker.counted }, () => requestEnded()),
    );
    writeWhole(orphanPath(this.#folder, worker.id), JSON.stringify(snapshot));
  }

  async #end(worker: Worker): Promise<void> {
    worker.running = false;
    if (this.#primary?.worker !== worker) return;
    await this.#primary.ledger.close(worker.id);
    this.#folded += worker.counted;
    this.#primary.worker = this.#fork(this.#primary.ledger);
    this.#named = [...this.#primary.orphans, this.#primary.worker];
  }

  async #scrape(): Promise<void> {
    const primary = this.#primary;
    if (primary === null) return;
    await primary.files.read();
    for (const worker of primary.orphans.filter(({ running }) => !running)) this.#folded += worker.filed ?? 0;
    primary.orphans = primary.orphans.filter(({ running }) => running);
    this.#named = [...primary.orphans, primary.worker];
    if (!primary.files.settled) return;
    const shown = total(await everything(primary.ledger), 'llm_requests_total');
    const ofOrphans = primary.orphans.reduce((sum, { filed }) => sum + (filed ?? 0), 0);
    expect(shown).to.equal(this.#folded + primary.worker.counted + ofOrphans);
    expect(shown, 'counts of this generation').to.be.at.least(primary.ownCounted);
    expect(shown, 'a counter that went down').to.be.at.least(primary.lastShown);
    primary.lastShown = shown;
  }
}

describe('the numbers of one generation after the other', () => {
  it('continue, or begin at 0, and are never taken back, whoever dies and whenever the first scrape comes', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const temporary = temporaryFolder();
      try {
        const host = new Host(temporary.folder);
        for (const each of [...steps, { act: 'start' as const, pick: 0, count: 1 }]) await host.take(each);
        for (const act of ['wait', 'scrape'] as const) await host.take({ act, pick: 0, count: 1 });
      } finally {
        temporary.remove();
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
