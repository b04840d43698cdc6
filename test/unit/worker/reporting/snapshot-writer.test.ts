import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isSnapshot, type Snapshot } from '../../../../src/shared/ipc.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { SnapshotWriter } from '../../../../src/worker/reporting/snapshot-writer.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, requestEnded } from '../../../helpers/numbers.ts';

function writerOver(lane: Writable) {
  const registry = new Registry();
  const clock = new ManualClock();
  const outbox = new Outbox({ metrics: createMetrics(registry), send: (_, done) => done(null), clock });
  const { log, messages } = keptLog();
  const writer = new SnapshotWriter({ registry, outbox, workerId: 'w', lane, clock, log });
  return { writer, outbox, clock, messages };
}

/** A lane that takes lines as they come, or, when slow, one each time the test says so. */
function laneFor(pace: 'fast' | 'slow') {
  const lines: Snapshot[] = [];
  const waiting: (() => void)[] = [];
  const lane = new Writable({
    write(chunk, _encoding, done) {
      const snapshot: unknown = JSON.parse(String(chunk));
      if (isSnapshot(snapshot)) lines.push(snapshot);
      if (pace === 'fast') done();
      else waiting.push(done);
    },
  });
  return { lane, lines, take: () => waiting.shift()?.() };
}

/** Long enough for a registry to be read and written, which takes microtasks and a turn or two. */
async function settle(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await turn();
}

describe('SnapshotWriter', () => {
  it('writes one line with the number of the last event in it', async () => {
    const { lane, lines } = laneFor('fast');
    const { writer, outbox } = writerOver(lane);
    outbox.push(requestEnded());
    outbox.push(requestEnded());
    writer.request();
    await eventually('a snapshot', () => lines.length === 1);
    expect(lines[0]?.workerId).to.equal('w');
    expect(lines[0]?.sequence).to.equal(2);
  });

  it('writes every 2 s if anything changed, and not otherwise', async () => {
    const { lane, lines } = laneFor('fast');
    const { writer, outbox, clock } = writerOver(lane);
    writer.start();
    clock.advance(2000);
    await settle();
    expect(lines).to.have.length(0);
    outbox.push(requestEnded());
    clock.advance(2000);
    await eventually('a snapshot', () => lines.length === 1);
    clock.advance(6000);
    await settle();
    expect(lines).to.have.length(1);
  });

  it('writes after 5,000 events', async () => {
    const { lane, lines } = laneFor('fast');
    const { writer, outbox } = writerOver(lane);
    writer.start();
    for (let count = 0; count < 5000; count += 1) outbox.push({ type: 'retry', provider: 'openai' });
    await eventually('a snapshot', () => lines.length === 1);
    expect(lines[0]?.sequence).to.equal(5000);
  });

  it('skips to the newest state when the lane is slow', async () => {
    const { lane, lines, take } = laneFor('slow');
    const { writer, outbox } = writerOver(lane);
    outbox.push(requestEnded());
    writer.request();
    await eventually('the first', () => lines.length === 1);
    for (let count = 0; count < 10; count += 1) {
      outbox.push(requestEnded());
      writer.request();
      await turn();
    }
    take();
    await eventually('the second', () => lines.length === 2);
    take();
    await settle();
    expect(lines.map(({ sequence }) => sequence)).to.deep.equal([1, 11]);
  });

  it('ends with a last one, changed or not, and none after it', async () => {
    const { lane, lines } = laneFor('fast');
    const { writer, outbox, clock } = writerOver(lane);
    writer.start();
    outbox.push(requestEnded());
    await writer.final();
    expect(lines.map(({ sequence }) => sequence)).to.deep.equal([1]);
    outbox.push(requestEnded());
    clock.advance(4000);
    writer.request();
    await settle();
    expect(lines).to.have.length(1);
  });

  it('ends after a second when nobody reads the lane', async () => {
    const { lane, lines } = laneFor('slow');
    const { writer, clock } = writerOver(lane);
    const ending = writer.final();
    clock.advance(1000);
    await ending;
    expect(lines.length).to.be.lessThan(2);
  });

  it('outlives a lane that breaks', async () => {
    const lane = new PassThrough();
    const { writer, messages } = writerOver(lane);
    lane.destroy(new Error('EPIPE'));
    await settle();
    writer.request();
    await writer.final();
    expect(messages).to.deep.equal([]);
  });
});
