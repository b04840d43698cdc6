import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { isSnapshot, type Snapshot } from '../../../../src/shared/ipc.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { SnapshotWriter } from '../../../../src/worker/reporting/snapshot-writer.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, requestEnded } from '../../../helpers/numbers.ts';

function writerOver(pipe: Writable) {
  const registry = new Registry();
  const clock = new ManualClock();
  const outbox = new Outbox({ metrics: createMetrics(registry), send: (_, done) => done(null), clock });
  const { log, messages } = keptLog();
  const writer = new SnapshotWriter({ registry, outbox, workerId: 'w', pipe, clock, log });
  return { writer, outbox, clock, messages };
}

/** A pipe. A fast one takes each line immediately; a slow one takes one line per call of `take`. */
function pipeFor(pace: 'fast' | 'slow') {
  const lines: Snapshot[] = [];
  const waiting: (() => void)[] = [];
  const pipe = new Writable({
    write(chunk, _encoding, done) {
      const snapshot: unknown = JSON.parse(String(chunk));
      if (isSnapshot(snapshot)) lines.push(snapshot);
      if (pace === 'fast') done();
      else waiting.push(done);
    },
  });
  return { pipe, lines, take: () => waiting.shift()?.() };
}

/** Waits until a registry is read and written, which takes microtasks and one or two turns. */
async function settle(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await turn();
}

describe('SnapshotWriter', () => {
  it('writes one line with the number of the last event in it', async () => {
    const { pipe, lines } = pipeFor('fast');
    const { writer, outbox } = writerOver(pipe);
    outbox.push(requestEnded());
    outbox.push(requestEnded());
    writer.request();
    await eventually('a snapshot', () => lines.length === 1);
    expect(lines[0]?.workerId).to.equal('w');
    expect(lines[0]?.sequence).to.equal(2);
  });

  it('writes every 2 s if anything changed, and not otherwise', async () => {
    const { pipe, lines } = pipeFor('fast');
    const { writer, outbox, clock } = writerOver(pipe);
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
    const { pipe, lines } = pipeFor('fast');
    const { writer, outbox } = writerOver(pipe);
    writer.start();
    for (let count = 0; count < 5000; count += 1) outbox.push({ type: 'retry', provider: 'openai' });
    await eventually('a snapshot', () => lines.length === 1);
    expect(lines[0]?.sequence).to.equal(5000);
  });

  it('skips to the newest state when the pipe is slow', async () => {
    const { pipe, lines, take } = pipeFor('slow');
    const { writer, outbox } = writerOver(pipe);
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

  it('ends with a final snapshot, and writes none after it', async () => {
    const { pipe, lines } = pipeFor('fast');
    const { writer, outbox, clock } = writerOver(pipe);
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

  it('ends after a second if nobody reads the pipe', async () => {
    const { pipe, lines } = pipeFor('slow');
    const { writer, clock } = writerOver(pipe);
    const ending = writer.final();
    clock.advance(1000);
    await ending;
    expect(lines.length).to.be.lessThan(2);
  });

  it('survives a broken pipe', async () => {
    const pipe = new PassThrough();
    const { writer, messages } = writerOver(pipe);
    pipe.destroy(new Error('EPIPE'));
    await settle();
    writer.request();
    await writer.final();
    expect(messages).to.deep.equal([]);
  });
});
