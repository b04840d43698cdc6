import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { ReplacementError, Slot, type SlotWorker } from '../../../../src/primary/processes/slot.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

class FakeWorker implements SlotWorker {
  state: SlotWorker['state'] = 'starting';
  readyForMs = 0;
}

let clock: ManualClock;
let forked: FakeWorker[];
let retired: FakeWorker[];
let socketsRenewed: number;
let forkFails: boolean;
let slot: Slot<FakeWorker>;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    clock = new ManualClock();
    forked = [];
    retired = [];
    socketsRenewed = 0;
    forkFails = false;
    const actions = {
      fork: () => {
        if (forkFails) throw new Error('no process');
        const worker = new FakeWorker();
        forked.push(worker);
        return worker;
      },
      renewSocket: () => {
        socketsRenewed += 1;
      },
      retire: (worker: FakeWorker) => {
        worker.state = 'draining';
        retired.push(worker);
      },
    };
    slot = new Slot(3, actions, clock, keptLog().log);
  });
}

/** Makes the newest worker ready and returns it. */
function becomeReady(readyForMs = 60_000): FakeWorker {
  const worker = forked.at(-1);
  if (worker === undefined) throw new Error('nothing was forked');
  worker.state = 'ready';
  worker.readyForMs = readyForMs;
  slot.onReady(worker);
  return worker;
}

describe('a slot', () => {
  prepare();
  it('is ready when its worker is', () => {
    slot.start();
    expect(slot.ready).to.equal(false);
    becomeReady();
    expect(slot.ready).to.equal(true);
  });

  it('forks immediately on the same socket after a single death', () => {
    slot.start();
    slot.onExit(becomeReady());
    expect(forked).to.have.length(2);
    expect(socketsRenewed).to.equal(0);
  });

  it('renews its socket when it waits to refill', () => {
    slot.start();
    slot.onExit(becomeReady(0));
    slot.onExit(becomeReady(0));
    expect(forked).to.have.length(2);
    expect(socketsRenewed).to.equal(1);
    clock.advance(199);
    expect(forked).to.have.length(2);
    clock.advance(1);
    expect(forked).to.have.length(3);
  });

  it('renews its socket where no successor is ready within a second, and only once', () => {
    slot.start();
    slot.onExit(becomeReady());
    clock.advance(999);
    expect(socketsRenewed).to.equal(0);
    clock.advance(60_000);
    expect(socketsRenewed).to.equal(1);
    expect(forked).to.have.length(2);
  });

  it('keeps its socket where a successor is ready within a second', () => {
    slot.start();
    slot.onExit(becomeReady());
    clock.advance(999);
    becomeReady();
    clock.advance(60_000);
    expect(socketsRenewed).to.equal(0);
  });

  it('tells of a crash loop until a worker is stable again', () => {
    slot.start();
    for (let death = 0; death < 3; death += 1) {
      slot.onExit(becomeReady(0));
      clock.advance(10_000);
    }
    expect(slot.crashLooping).to.equal(true);
    becomeReady(60_000);
    expect(slot.crashLooping).to.equal(false);
  });

  it('retries after a failed fork', () => {
    forkFails = true;
    slot.start();
    forkFails = false;
    clock.advance(10_000);
    expect(forked).to.have.length(1);
  });

  it('forks no worker after it is stopped', () => {
    slot.start();
    const worker = becomeReady(0);
    slot.stop();
    slot.onExit(worker);
    clock.advance(60_000);
    expect(forked).to.have.length(1);
  });
});

describe('a replacement in a slot', () => {
  prepare();
  it('retires the old worker when its successor is ready, not before', async () => {
    slot.start();
    const old = becomeReady();
    const replaced = slot.replace();
    expect(retired).to.deep.equal([]);
    const successor = becomeReady();
    expect(await replaced).to.equal('replaced');
    expect(retired).to.deep.equal([old]);
    slot.onExit(old);
    expect(forked).to.deep.equal([old, successor]);
    expect(slot.ready).to.equal(true);
  });

  it('keeps the old worker when the successor fails', async () => {
    slot.start();
    becomeReady();
    const replaced = slot.replace().catch((error: unknown) => error);
    const successor = forked.at(-1) as FakeWorker;
    slot.onExit(successor);
    expect(await replaced).to.be.instanceOf(ReplacementError);
    expect(slot.ready).to.equal(true);
    expect(forked).to.have.length(2);
    expect(retired).to.deep.equal([]);
  });

  it('reports that there is no worker to replace', async () => {
    slot.start();
    slot.onExit(becomeReady(0));
    slot.onExit(becomeReady(0));
    expect(await slot.replace()).to.equal('refilling');
    slot.stop();
    expect(await slot.replace()).to.equal('stopped');
    expect(forked).to.have.length(2);
  });

  it('forks one successor when requested twice', () => {
    slot.start();
    becomeReady();
    void slot.replace();
    void slot.replace();
    expect(forked).to.have.length(2);
  });

  it('continues with the successor when the old worker dies meanwhile', async () => {
    slot.start();
    const old = becomeReady();
    const replaced = slot.replace();
    slot.onExit(old);
    expect(forked).to.have.length(2);
    becomeReady();
    await replaced;
    expect(slot.ready).to.equal(true);
    expect(retired).to.deep.equal([]);
  });

  it('has not failed when a stop ends the successor', async () => {
    slot.start();
    becomeReady();
    const replaced = slot.replace();
    slot.stop();
    slot.onExit(forked.at(-1) as FakeWorker);
    expect(await replaced).to.equal('stopped');
  });

  it('renews the socket of an old worker that died while its successor hangs', () => {
    slot.start();
    const old = becomeReady();
    clock.advance(60_000);
    slot.replace().catch(() => undefined);
    clock.advance(60_000);
    expect(socketsRenewed).to.equal(0);
    slot.onExit(old);
    clock.advance(1_000);
    expect(socketsRenewed).to.equal(1);
  });

  it('refills when both die', async () => {
    slot.start();
    const old = becomeReady();
    const replaced = slot.replace().catch((error: unknown) => error);
    slot.onExit(old);
    slot.onExit(forked.at(-1) as FakeWorker);
    expect(await replaced).to.be.instanceOf(ReplacementError);
    expect(forked).to.have.length(3);
  });

  it('fails when no process can be made', async () => {
    slot.start();
    becomeReady();
    forkFails = true;
    expect(await slot.replace().catch((error: unknown) => error)).to.be.instanceOf(ReplacementError);
    expect(slot.ready).to.equal(true);
  });
});
