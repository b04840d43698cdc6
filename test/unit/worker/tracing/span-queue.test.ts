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

  /** The sender tells what became of a batch. */
  const arrive = async (index: number, error: Error | null = null) => {
    sent[index]?.done(error);
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('sends what is there each second, and a full batch at once', async () => {
    add(3);
    expect(sent).to.have.length(0);
    clock.advance(1_000);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([3]);
    await arrive(0);
    add(128);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([3, 128]);
  });

  it('sends one batch at a time, holds a bounded number of spans, and tells of the others once a second', async () => {
    add(128 + 2_048 + 5);
    expect(sent).to.have.length(1);
    expect(dropped).to.deep.equal([]);
    clock.advance(1_000);
    expect(dropped).to.deep.equal([5]);
    await arrive(0);
    expect(sent.map(({ batch }) => batch.length)).to.deep.equal([128, 128]);
  });

  it('tells once that a collector is gone, and that it is back', async () => {
    for (const error of [new Error('refused'), new Error('refused'), null]) {
      add(1);
      clock.advance(1_000);
      await arrive(sent.length - 1, error);
    }
    clock.advance(1_000);
    expect(dropped).to.deep.equal([1, 1]);
    expect(lines.messages).to.deep.equal(['traces do not arrive: spans are dropped', 'traces arrive again']);
  });

  it('goes on after a sender that tells at once, and after one that throws', async () => {
    const answers = [() => new Error('full'), () => null];
    const counts: number[] = [];
    const send = (batch: number[], done: (error: Error | null) => void) => {
      counts.push(batch.length);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('a bug of the exporter');
      done(answer());
    };
    queue = new SpanQueue<number>({
      ...{ send, clock, log: lines.log },
      dropped: (count) => void dropped.push(count),
      endpoint: 'http://collector',
    });
    for (let round = 0; round < 4; round += 1) {
      add(1);
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(1_000);
    expect(counts).to.deep.equal([1, 1, 1, 1]);
    expect(dropped).to.deep.equal([1, 1, 1]);
  });

  it('waits for the last batches at its end', async () => {
    add(200);
    const stopped = queue.stop(1_000);
    await arrive(0);
    await arrive(1);
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
    expect(dropped).to.deep.equal([200, 1]);
    await arrive(0, new Error('too late'));
    clock.advance(1_000);
    expect(dropped).to.deep.equal([200, 1]);
  });

  it('does not wait for a collector that was gone a moment ago', async () => {
    add(1);
    clock.advance(1_000);
    await arrive(0, new Error('refused'));
    add(2);
    await queue.stop(1_000);
    expect(dropped).to.deep.equal([3]);
  });
});
