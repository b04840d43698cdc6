import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { OrphanFiles } from '../../../../src/primary/ledger/orphan-files.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { orphanPath, writeWhole } from '../../../../src/shared/state/state-files.ts';
import { everything, ledgerIn, snapshotOf } from '../../../helpers/ledger.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded, total } from '../../../helpers/numbers.ts';

const requests = 'llm_requests_total';
const some = (count: number): WorkerEvent[] => Array.from({ length: count }, () => requestEnded());

describe('OrphanFiles', () => {
  let temporary: TemporaryFolder;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(end));
    temporary.remove();
  });

  /** A process that lives until the test ends it. */
  const living = (): ChildProcess & { readonly pid: number } => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    children.push(child);
    if (child.pid === undefined) throw new Error('not spawned');
    return Object.assign(child, { pid: child.pid });
  };
  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  /** What a primary leaves that was killed after each worker had counted. */
  const primaryWith = async (workers: Readonly<Record<string, { pid: number; counted: number }>>) => {
    const { ledger } = ledgerIn(temporary.folder);
    for (const [id, { pid, counted }] of Object.entries(workers)) {
      ledger.open(id, 0, pid);
      if (counted > 0) ledger.events(id, 1, some(counted));
    }
    return ledger;
  };
  const leaveFile = async (id: string, counted: number) => {
    const snapshot = await snapshotOf(id, some(counted));
    writeWhole(orphanPath(temporary.folder, id), JSON.stringify(snapshot));
  };
  const successor = () => {
    const { ledger, carryOver, messages, log } = ledgerIn(temporary.folder);
    const clock = new ManualClock();
    const files = new OrphanFiles({ folder: temporary.folder, ledger, carryOver, clock, log });
    return { ledger, messages, clock, files };
  };

  it('are settled from the start where nothing was left', () => {
    expect(successor().files.settled).to.equal(true);
  });

  it('are read again at each scrape, the higher event number winning', async () => {
    await primaryWith({ a: { pid: living().pid, counted: 2 } });
    const { ledger, files } = successor();
    await files.read();
    expect(files.settled).to.equal(false);
    await leaveFile('a', 3);
    await files.read();
    expect(files.settled).to.equal(true);
    await leaveFile('a', 5);
    await files.read();
    await leaveFile('a', 4);
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(5);
  });

  it('are folded and deleted when their process is gone, once, also over further successors', async () => {
    const child = living();
    await primaryWith({ a: { pid: child.pid, counted: 1 } });
    await leaveFile('a', 4);
    const { ledger, files } = successor();
    await files.read();
    expect(ledger.orphans()).to.have.length(1);
    await leaveFile('a', 6);
    await end(child);
    await files.read();
    expect(ledger.orphans()).to.deep.equal([]);
    expect(existsSync(orphanPath(temporary.folder, 'a'))).to.equal(false);
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(6);
    expect(total(await everything(successor().ledger), requests)).to.equal(6);
  });

  it('do not count twice when a primary died between the checkpoint and the deletion', async () => {
    const child = living();
    const first = await primaryWith({ a: { pid: child.pid, counted: 4 } });
    await first.close('a');
    await leaveFile('a', 4);
    const { ledger, files } = successor();
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(4);
    expect(existsSync(orphanPath(temporary.folder, 'a'))).to.equal(false);
  });

  it('lose what their writers left unfinished, except of a worker that may still write', async () => {
    await primaryWith({ a: { pid: living().pid, counted: 1 } });
    const leave = (name: string) => writeFileSync(path.join(temporary.folder, `${name}.unfinished`), '{"half');
    for (const name of ['orphan-a.json', 'orphan-gone.json', 'books.json', 'notes.txt']) leave(name);
    successor();
    const left = readdirSync(temporary.folder).filter((name) => name.endsWith('.unfinished'));
    expect(left.sort()).to.deep.equal(['notes.txt.unfinished', 'orphan-a.json.unfinished']);
  });

  it('keep the counts of the new generation, however late its first scrape', async () => {
    const child = living();
    await primaryWith({ a: { pid: child.pid, counted: 5 } });
    await end(child);
    const { ledger, files, clock } = successor();
    ledger.open('new', 0, process.pid);
    ledger.events('new', 1, some(100));
    await ledger.close('new');
    clock.advance(600_000);
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(100);
  });

  it('settle after 3 s where a living orphan leaves none', async () => {
    await primaryWith({ a: { pid: living().pid, counted: 2 } });
    const { files, clock } = successor();
    await files.read();
    clock.advance(2999);
    await files.read();
    expect(files.settled).to.equal(false);
    clock.advance(1);
    await files.read();
    expect(files.settled).to.equal(true);
  });

  it('settle at once for a worker that is gone and had not counted', async () => {
    const child = living();
    const other = living();
    const first = await primaryWith({ done: { pid: other.pid, counted: 3 }, a: { pid: child.pid, counted: 0 } });
    await first.close('done');
    await end(child);
    const { ledger, files, messages } = successor();
    await files.read();
    expect(files.settled).to.equal(true);
    expect(total(await everything(ledger), requests)).to.equal(3);
    expect(messages).to.deep.equal([]);
  });

  it('begin from 0 when all that had counted died with their primary', async () => {
    const [done, a, b] = [living(), living(), living()];
    const first = await primaryWith({
      done: { pid: done.pid, counted: 3 },
      a: { pid: a.pid, counted: 5 },
      b: { pid: b.pid, counted: 5 },
    });
    await first.close('done');
    await Promise.all([end(a), end(b)]);
    const { ledger, files, messages } = successor();
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(0);
    expect(messages).to.deep.equal(['all workers died with the last primary: counters begin at 0']);
  });

  it('say so when one of several died with its primary and its counts are lost', async () => {
    const [a, b] = [living(), living()];
    await primaryWith({ a: { pid: a.pid, counted: 5 }, b: { pid: b.pid, counted: 5 } });
    await leaveFile('b', 5);
    await end(a);
    const { ledger, files, messages } = successor();
    await files.read();
    expect(total(await everything(ledger), requests)).to.equal(5);
    expect(messages).to.deep.equal(['workers died with the last primary and left no file: their counts are lost']);
  });

  it('are refused with one line when broken', async () => {
    await primaryWith({ a: { pid: living().pid, counted: 1 } });
    writeFileSync(orphanPath(temporary.folder, 'a'), '{"half');
    const { files, messages } = successor();
    await files.read();
    await files.read();
    expect(messages).to.deep.equal(["an orphan's file cannot be read"]);
  });

  it('that cannot be removed are told of, and nothing else stops for them', async () => {
    const [a, b] = [living(), living()];
    await primaryWith({ a: { pid: a.pid, counted: 2 }, b: { pid: b.pid, counted: 3 } });
    const { ledger, files, messages } = successor();
    await leaveFile('a', 2);
    await leaveFile('b', 3);
    await files.read();
    await leaveFile('b', 4);
    // A folder in its place is neither read nor removed as a file is.
    rmSync(orphanPath(temporary.folder, 'a'));
    mkdirSync(orphanPath(temporary.folder, 'a'));
    await Promise.all([end(a), end(b)]);
    await files.read();
    expect(messages).to.deep.equal([
      "an orphan's file cannot be read",
      'an orphan that is gone could not be cleared away',
    ]);
    expect(files.settled).to.equal(true);
    expect(ledger.orphans()).to.deep.equal([]);
    expect(total(await everything(ledger), requests)).to.equal(6);
  });

  it('give the last words of a worker that lost its channel to a primary that lives on', async () => {
    const ledger = await primaryWith({ a: { pid: living().pid, counted: 2 } });
    const files = new OrphanFiles({ folder: temporary.folder, ...ledgerParts(ledger) });
    await leaveFile('a', 7);
    await files.lastWords('a');
    await files.lastWords('never left one');
    await ledger.close('a');
    expect(total(await everything(ledger), requests)).to.equal(7);
    files.forget('a');
    files.forget('never left one');
    expect(existsSync(orphanPath(temporary.folder, 'a'))).to.equal(false);
  });

  const ledgerParts = (ledger: ReturnType<typeof ledgerIn>['ledger']) => {
    const { carryOver, log, clock } = ledgerIn(`${temporary.folder}/elsewhere`);
    return { ledger, carryOver, log, clock };
  };
});
