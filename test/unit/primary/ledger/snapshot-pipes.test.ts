import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { SnapshotLanes } from '../../../../src/primary/ledger/snapshot-pipes.ts';
import type { Snapshot } from '../../../../src/shared/ipc.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { keptLog } from '../../../helpers/numbers.ts';

function lanesInto() {
  const received: Snapshot[] = [];
  const { log, messages } = keptLog();
  return { lanes: new SnapshotLanes({ received: (snapshot) => received.push(snapshot), log }), received, messages };
}

const line = (workerId: string, sequence: number) => `${JSON.stringify({ workerId, sequence, metrics: [] })}\n`;
const numbers = (received: readonly Snapshot[]) => received.map(({ sequence }) => sequence);

describe('SnapshotLanes', () => {
  it('hand on each line, wherever the pipe cuts it', async () => {
    for (const cut of [1, 20, line('a', 1).length - 1, line('a', 1).length, line('a', 1).length + 1]) {
      const { lanes, received } = lanesInto();
      const lane = new PassThrough();
      const ended = lanes.read('a', lane);
      const text = line('a', 1) + line('a', 2);
      lane.write(text.slice(0, cut));
      await turn();
      lane.end(text.slice(cut));
      await ended;
      expect(numbers(received).at(-1), `cut at ${cut}`).to.equal(2);
    }
  });

  it('hand on the newest only of those that came at once', async () => {
    const { lanes, received } = lanesInto();
    const lane = new PassThrough();
    void lanes.read('a', lane);
    lane.write(line('a', 1) + line('a', 2) + line('a', 3) + line('a', 4).slice(0, 10));
    await eventually('a snapshot', () => received.length > 0);
    lane.write(line('a', 4).slice(10));
    await eventually('the next', () => received.length > 1);
    expect(numbers(received)).to.deep.equal([3, 4]);
  });

  it('parse at most one line per turn', async () => {
    const { lanes, received } = lanesInto();
    const sources = ['a', 'b', 'c', 'd'].map((id) => ({ id, lane: new PassThrough() }));
    for (const { id, lane } of sources) void lanes.read(id, lane);
    for (const { id, lane } of sources) lane.write(line(id, 1));
    let seen = 0;
    while (seen < sources.length) {
      await turn();
      expect(received.length - seen).to.be.at.most(1);
      seen = received.length;
    }
  });

  it('never hand on what a death cut off, and resolve all the same', async () => {
    const { lanes, received, messages } = lanesInto();
    const lane = new PassThrough();
    const ended = lanes.read('a', lane);
    lane.write(line('a', 1) + line('a', 2).slice(0, 30));
    await eventually('the whole one', () => received.length === 1);
    lane.destroy(new Error('ECONNRESET'));
    await ended;
    expect(numbers(received)).to.deep.equal([1]);
    expect(messages).to.deep.equal([]);
  });

  it('hand on the last line before they resolve', async () => {
    const { lanes, received } = lanesInto();
    const lane = new PassThrough();
    const ended = lanes.read('a', lane);
    lane.end(line('a', 9));
    await ended;
    expect(numbers(received)).to.deep.equal([9]);
  });

  it('leave out what is no snapshot of that worker, and go on', async () => {
    const { lanes, received, messages } = lanesInto();
    const lane = new PassThrough();
    void lanes.read('a', lane);
    for (const text of ['{"half"\n', '[]\n', line('b', 1)]) {
      const before = messages.length;
      lane.write(text);
      await eventually('a complaint', () => messages.length > before);
    }
    lane.end(line('a', 1));
    await once(lane, 'close');
    expect(messages).to.deep.equal(['a snapshot is no JSON', 'a snapshot is malformed', 'a snapshot is malformed']);
    expect(numbers(received)).to.deep.equal([1]);
  });
});
