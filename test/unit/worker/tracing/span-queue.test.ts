import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { SpanQueue } from '../../../../src/worker/tracing/span-queue.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

describe('the queue of spans', () => {
  let clock: ManualClock;
  let sent: { readonly batch: number[]; readonly done: (error: Error | null) => void }[];
  let dropped: number[];
  let lines: ReturnType<typeof keptLog>;
  let queue: SpanQueue<number>;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    dropped = [];
    lines = keptLog();
    queue = new SpanQueue<number>({
      send: (batch, done) => void sent.push({ batch, done }),
      dropped: (count) => void dropped.push(count),
      endpoint: 'http://collector',
      clock,
      log: lines.log,
    });
  });

  const add = (count: number) => {
    for (let span = 0; span < count; span += 1) queue.add(span);
  };

  it('sends what is there each second, and a full batch at once', () => {
    add(3);
    expect(sent).to.have.length(0);
    clock.advance(1_000);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([3]);
    sent[0]?.done(null);
    add(128);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([3, 128]);
  });

  it('sends one batch at a time, holds a bounded number of spans, and tells of the others once a second', () => {
    add(128 + 2_048 + 5);
    expect(sent).to.have.length(1);
    expect(dropped).to.deep.equal([]);
    clock.advance(1_000);
    expect(dropped).to.deep.equal([5]);
    sent[0]?.done(null);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([128, 128]);
  });

  it('tells once that a collector is gone, and that it is back', () => {
    for (const error of [new Error('refused'), new Error('refused'), null]) {
      add(1);
      clock.advance(1_000);
      sent.at(-1)?.done(error);
    }
    clock.advance(1_000);
    expect(dropped).to.deep.equal([1, 1]);
    expect(lines.messages).to.deep.equal(['traces do not arrive: spans are dropped', 'traces arrive again']);
  });

  it('waits for the last batches at its end', async () => {
    add(200);
    const stopped = queue.stop(1_000);
    sent[0]?.done(null);
    await new Promise((resolve) => setImmediate(resolve));
    sent[1]?.done(null);
    await stopped;
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([128, 72]);
    expect(dropped).to.deep.equal([]);
  });

  it('waits no longer than it may, and drops the rest and what comes later', async () => {
    add(200);
    const stopped = queue.stop(1_000);
    clock.advance(1_000);
    await stopped;
    add(1);
    expect(dropped).to.deep.equal([72, 1]);
  });

  it('does not wait for a collector that was gone a moment ago', async () => {
    add(1);
    clock.advance(1_000);
    sent[0]?.done(new Error('refused'));
    add(2);
    await queue.stop(1_000);
    expect(dropped).to.deep.equal([3]);
  });
});
