/** What a clean stop cuts off is on the disk: for a successor in the same ten seconds, for one after them, and for the next. */
import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { History } from '../../../../src/primary/history/history.ts';
import { historyAnswer } from '../../../../src/primary/history/history-answer.ts';
import { Steps } from '../../../../src/primary/history/steps.ts';
import { UnfinishedSteps } from '../../../../src/primary/history/unfinished-steps.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, requestEnded } from '../../../helpers/numbers.ts';

class Disk {
  text: string | null = null;
  problem: string | null = null;
  hangs = false;

  keepText(_name: string, text: string): Promise<string | null> {
    if (this.hangs) return new Promise(() => undefined);
    if (this.problem === null) this.text = text;
    return Promise.resolve(this.problem);
  }

  keptText(): Promise<string | null> {
    if (this.problem !== null) return Promise.reject(new Error(this.problem));
    return Promise.resolve(this.text);
  }
}

let clock: ManualClock;
let disk: Disk;
let log: ReturnType<typeof keptLog>;

/** A primary that has read what was left. */
async function primary() {
  const history = new History(new Steps(clock));
  const unfinished = new UnfinishedSteps({ history, disk, ledger: { writable: true }, clock, log: log.log });
  await unfinished.start();
  return { history, unfinished };
}

const shown = (history: History, query: { model?: string; provider?: string } = {}) => {
  const asked = { model: null, provider: null, ...query };
  return historyAnswer(history, asked, { models: [], providers: [] }).series;
};
const failed = requestEnded({ status: 'error', code: 'provider_error' });

describe('the step that a clean stop cuts off', () => {
  beforeEach(() => {
    clock = new ManualClock(0);
    disk = new Disk();
    log = keptLog();
  });

  it('is shown by a successor after it, with its model and provider', async () => {
    const { history, unfinished } = await primary();
    history.count([requestEnded({ seconds: 0.5 }), failed]);
    await unfinished.stop();
    clock.advance(20_000);
    const successor = await primary();
    clock.advance(10_000);
    const { requests, errors, p50Ms } = shown(successor.history);
    expect([requests, errors.provider]).to.deep.equal([
      [2, null, 0],
      [1, null, 0],
    ]);
    expect(p50Ms[0]).to.be.closeTo(500, 25);
    expect(shown(successor.history, { model: 'gpt-4' }).requests[0]).to.equal(2);
    expect(shown(successor.history, { provider: 'openai' }).requests[0]).to.equal(2);
  });

  it('goes on in the same ten seconds, also over another stop, and no request counts twice', async () => {
    const first = await primary();
    first.history.count([requestEnded({ seconds: 0.5 }), requestEnded({ seconds: 0.5 })]);
    await first.unfinished.stop();
    clock.advance(3_000);
    const second = await primary();
    second.history.count([requestEnded({ seconds: 2 }), requestEnded({ model: 'fast' })]);
    await second.unfinished.stop();
    clock.advance(3_000);
    const third = await primary();
    third.history.count([failed]);
    expect(third.history.shown.size, 'no totals of this ledger').to.equal(0);
    clock.advance(10_000);
    const { requests, errors, p50Ms } = shown(third.history);
    expect([requests, errors.provider]).to.deep.equal([[5], [1]]);
    expect(p50Ms[0], 'latencies are those of the larger part').to.be.closeTo(500, 25);
    expect(shown(third.history, { model: 'gpt-4' }).requests).to.deep.equal([4]);
    expect(third.history.shown.get('gateway\n\nrequests')).to.equal(1);
  });

  it('is handed on for an hour, with the step before it, and taken once', async () => {
    const first = await primary();
    first.history.count([requestEnded()]);
    clock.advance(10_000);
    first.history.count([requestEnded(), requestEnded()]);
    await first.unfinished.stop();
    clock.advance(20_000);
    await (await primary()).unfinished.stop();
    clock.advance(10_000);
    const third = await primary();
    await third.unfinished.start();
    expect(shown(third.history).requests).to.deep.equal([1, 2, null, 0]);
    clock.advance(3_600_000);
    const late = await primary();
    await late.unfinished.stop();
    expect(JSON.parse(disk.text ?? '[]')).to.have.length(1);
  });

  it('costs nothing else where the disk hangs, is full, or holds something else', async () => {
    disk.text = JSON.stringify([{ beginsAtMs: 'x' }, { beginsAtMs: 1, figures: { gateway: [1, 2] } }, 7]);
    const { history, unfinished } = await primary();
    expect(shown(history).requests).to.deep.equal([]);
    disk.problem = 'ENOSPC';
    await unfinished.stop();
    expect(log.messages).to.deep.equal(['the last seconds of the history cannot be written']);
    await (await primary()).unfinished.stop();
    expect(log.messages.slice(1)).to.deep.equal(['the last seconds before the stop are not in the history']);
    disk.problem = null;
    disk.hangs = true;
    const hanging = await primary();
    const stopped = hanging.unfinished.stop();
    clock.advance(2_000);
    await stopped;
  });
});
