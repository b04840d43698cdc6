import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { CatchUp } from '../../../../src/primary/history/catch-up.ts';
import { History } from '../../../../src/primary/history/history.ts';
import { Steps } from '../../../../src/primary/history/steps.ts';
import type { LedgerView } from '../../../../src/primary/ledger/metrics-ledger.ts';
import { HourKeeper } from '../../../../src/primary/verdict/hour-keeper.ts';
import { type KeptState, readKeptRow, readKeptState } from '../../../../src/primary/verdict/kept-form.ts';
import { VerdictWatch } from '../../../../src/primary/verdict/verdict-watch.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, requestEnded } from '../../../helpers/numbers.ts';
import { JudgedGateway } from '../../../helpers/verdict-facts.ts';

const { counts, recent, wallMs, primaryRestarts, ...present } = new JudgedGateway().facts;
const failure = requestEnded({ status: 'error', code: 'provider_error' });

/** The disk of the gateway's folder, which may hang or be full. */
class Disk {
  readonly steps = new Map<number, string>();
  state: string | null = null;
  problem: string | null = null;
  hangs = false;

  keepStep({
    beginsAtMs,
    step,
    state,
  }: {
    beginsAtMs: number;
    step: string | null;
    state: string;
  }): Promise<string | null> {
    if (this.hangs) return new Promise(() => undefined);
    if (this.problem === null) {
      if (step !== null) this.steps.set(beginsAtMs, step);
      this.state = state;
    }
    return Promise.resolve(this.problem);
  }

  keptHour(): Promise<{ steps: { beginsAtMs: number; step: string }[]; state: string | null }> {
    if (this.hangs) return new Promise(() => undefined);
    const steps = Array.from(this.steps, ([beginsAtMs, step]) => ({ beginsAtMs, step }));
    return Promise.resolve({ steps, state: this.state });
  }
}

/** One primary: what its workers send goes to history and, as in the ledger, into the totals. */
class Primary {
  readonly history: History;
  readonly watch: VerdictWatch;
  readonly keeper: HourKeeper;
  readonly log = keptLog();
  readonly ledger: { epoch: string; events: WorkerEvent[]; view(): LedgerView };

  constructor(clock: ManualClock, disk: Disk, left: readonly WorkerEvent[] = [], epoch = 'one') {
    const events = [...left];
    this.ledger = {
      epoch,
      events,
      view: () => ({
        retired: [],
        workers: [{ workerId: 'w', slot: 0, snapshotAgeMs: 0, base: [], tail: [{ first: 1, events }] }],
      }),
    };
    this.history = new History(new Steps(clock));
    const { history, ledger } = this;
    this.watch = new VerdictWatch({ history, ledger, orphans: { settled: true }, present: () => present, clock });
    this.keeper = new HourKeeper({
      history,
      catchUp: new CatchUp({ history, ledger, orphans: { settled: true } }),
      watch: this.watch,
      disk,
      ledger: { writable: true, epoch },
      clock,
      log: this.log.log,
    });
  }

  count(events: readonly WorkerEvent[]): void {
    this.ledger.events.push(...events);
    this.history.count(events);
  }

  get level(): string {
    return this.watch.verdict.level;
  }
}

const many = (event: WorkerEvent, times: number) => Array.from({ length: times }, () => event);

/** Advances in steps of a second, with turns between them in which promises settle. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let clock: ManualClock;
let disk: Disk;
let primary: Primary;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(async () => {
    clock = new ManualClock(0);
    disk = new Disk();
    primary = new Primary(clock, disk);
    await primary.keeper.start();
  });
}

describe('the verdict of a gateway', () => {
  prepare();

  it('names a failing model within seconds, says when that is over, and is well once the alert has ended', async () => {
    primary.count([...many(failure, 20), ...many(requestEnded(), 30)]);
    await pass(clock, 2);
    expect(primary.watch.verdict.sentence).to.match(
      /^gpt-4: 40 % of requests fail since \d\d:\d\d[+-]\d\d:\d\d, provider openai$/,
    );
    primary.count(many(requestEnded(), 10));
    await pass(clock, 20);
    primary.count(many(requestEnded(), 10));
    await pass(clock, 2);
    expect(primary.watch.verdict.sentence).to.match(
      /^gpt-4: requests failed since .* hardly any now, provider openai$/,
    );
    primary.count(many(requestEnded(), 400));
    await pass(clock, 2);
    expect(primary.watch.verdict.sentence).to.equal('Well.');
  });

  it('says that all fail once they do, whatever was answered before, and warns of the second in a row', async () => {
    primary.count([...many(requestEnded(), 30), failure]);
    await pass(clock, 4);
    expect(primary.level).to.equal('well');
    primary.count([failure]);
    await pass(clock, 4);
    expect(primary.watch.verdict).to.include({ level: 'warn' });
    expect(primary.watch.verdict.sentence).to.match(
      /^gpt-4: all of the last 2 requests failed since .*, provider openai$/,
    );
    primary.count(many(failure, 18));
    await pass(clock, 2);
    expect(primary.watch.verdict.sentence).to.match(/^gpt-4: 100 % of requests fail since .*, provider openai$/);
  });

  it('calls no model well whose last requests failed, until minutes have passed without one', async () => {
    primary.count(many(failure, 2));
    await pass(clock, 300);
    expect(primary.level).to.equal('warn');
    await pass(clock, 20);
    expect(primary.level).to.equal('well');
    primary.count([...many(failure, 2), requestEnded({ status: 'error', code: 'invalid_value' })]);
    await pass(clock, 4);
    expect(primary.level).to.equal('warn');
    primary.count([requestEnded()]);
    await pass(clock, 2);
    expect(primary.level).to.equal('well');
  });

  it('goes on with the next primary, which counts what its predecessor has not seen', async () => {
    primary.count([...many(requestEnded(), 30), ...many(failure, 20)]);
    await pass(clock, 12);
    const since = primary.watch.verdict.since;
    primary.keeper.stop();
    const left = [...primary.ledger.events, ...many(requestEnded(), 10)];
    const successor = new Primary(clock, disk, left);
    await successor.keeper.start();
    expect([successor.level, successor.watch.verdict.since]).to.deep.equal(['page', since]);
    expect(successor.watch.windows.increase('answered', 'gpt-4', 300)).to.equal(40);
    expect(successor.watch.windows.increase('failed', 'gpt-4', 300)).to.equal(20);
    expect(successor.history.gateway.past.value(successor.history.step - 1, 0)).to.equal(50);
  });

  it('begins at 0 with another epoch, and at the present totals where nothing was kept', async () => {
    primary.count(many(failure, 4));
    await pass(clock, 12);
    const anew = new Primary(clock, disk, many(failure, 3), 'two');
    await anew.keeper.start();
    expect(anew.watch.windows.increase('failed', 'gpt-4', 300)).to.equal(7);
    const without = new Primary(clock, new Disk(), many(failure, 3));
    await without.keeper.start();
    expect(without.watch.windows.increase('failed', 'gpt-4', 300)).to.equal(0);
  });

  it('counts the starts of primaries that followed one another', async () => {
    for (let start = 0; start < 3; start += 1) {
      await pass(clock, 3);
      primary.keeper.stop();
      primary = new Primary(clock, disk);
      await primary.keeper.start();
    }
    expect(primary.watch.verdict.findings.map(({ alert }) => alert)).to.deep.equal(['HeadgatePrimaryRestarts']);
    await pass(clock, 902);
    expect(primary.level).to.equal('well');
  });
});

describe('a verdict that is wanted soon', () => {
  prepare();

  it('is there within a fifth of a second, however often it is asked for, and not after the end', async () => {
    primary.count(many(failure, 5));
    for (let asked = 0; asked < 3; asked += 1) primary.keeper.judgeSoon();
    clock.advance(199);
    expect(primary.level).to.equal('well');
    clock.advance(1);
    expect(primary.level).to.equal('page');
    primary.keeper.judgeSoon();
    primary.keeper.stop();
    expect(() => clock.advance(1_000)).to.not.throw();
  });
});

describe('the hour on the disk', () => {
  prepare();

  it('has a row for each step that is over, with all that a successor needs', async () => {
    primary.count([failure]);
    await pass(clock, 22);
    const rows = [...disk.steps.values()].map(readKeptRow);
    expect(rows.map((row) => row?.figures.gateway[0])).to.deep.equal([1, 0]);
    expect(rows[0]?.counts.grown).to.deep.equal({ 'failed\ngpt-4': 1 });
    const state = readKeptState(disk.state ?? '') as KeptState;
    expect(state.totals).to.deep.equal({ 'failed\ngpt-4': 1 });
    expect(state.primaries).to.have.length(1);
  });

  it('costs nothing but history while the disk is full, and is written when it takes something again', async () => {
    disk.problem = 'ENOSPC';
    await pass(clock, 32);
    disk.problem = null;
    primary.count(many(failure, 5));
    await pass(clock, 10);
    expect(primary.level).to.equal('page');
    expect(disk.steps.size).to.equal(4);
    expect(primary.log.messages).to.deep.equal([
      'the history of the last hour cannot be written',
      'the history of the last hour can be written again',
    ]);
  });

  it('says nothing of what its own end cuts off', async () => {
    disk.problem = 'it was ended';
    clock.advance(10_000);
    primary.keeper.stop();
    await pass(clock, 1);
    expect(primary.log.messages).to.deep.equal([]);
  });

  it('is not waited for: a disk that hangs at the start keeps no verdict back', async () => {
    disk.hangs = true;
    const late = new Primary(clock, disk);
    void late.keeper.start();
    await pass(clock, 4);
    late.count(many(failure, 5));
    await pass(clock, 2);
    expect(late.level).to.equal('page');
  });

  it('is read as far as it is what it should be', () => {
    expect(readKeptRow('{')).to.equal(null);
    expect(readKeptRow('{"figures":{"gateway":[1,2]}}')).to.equal(null);
    const figures = { gateway: new Array(11).fill(1), models: { a: new Array(11).fill(null), b: 'x' }, providers: [] };
    const text = JSON.stringify({ figures, counts: { grown: { a: 1, b: -1, c: 'x' } }, more: 1 });
    expect(readKeptRow(text)).to.deep.equal({
      figures: { gateway: new Array(11).fill(1), models: { a: new Array(11).fill(null) }, providers: {} },
      counts: { grown: { a: 1 }, highest: {} },
    });
    expect(readKeptState('[]')).to.equal(null);
    expect(readKeptState('{"epoch":"e","ongoing":[{"key":"k"}],"primaries":[{"fromMs":1}]}')).to.deep.equal({
      ...{ epoch: 'e', totals: {}, ongoing: [], primaries: [] },
    });
  });
});
