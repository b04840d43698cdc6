import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { SnapshotPipes } from '../../../../src/primary/ledger/snapshot-pipes.ts';
import type { Snapshot } from '../../../../src/shared/ipc.ts';
import { keptLog } from '../../../helpers/numbers.ts';

function pipesInto() {
  const received: Snapshot[] = [];
  const { log, messages } = keptLog();
  return { pipes: new SnapshotPipes({ received: (snapshot) => received.push(snapshot), log }), received, messages };
}

const line = (workerId: string, sequence: number) => `${JSON.stringify({ workerId, sequence, metrics: [] })}\n`;
const numbers = (received: readonly Snapshot[]) => received.map(({ sequence }) => sequence);

describe('SnapshotPipes', () => {
  it('pass on each line, wherever the pipe splits it', async () => {
    for (const cut of [1, 20, line('a', 1).length - 1, line('a', 1).length, line('a', 1).length + 1]) {
      const { pipes, received } = pipesInto();
      const pipe = new PassThrough();
      const ended = pipes.read('a', pipe);
      const text = line('a', 1) + line('a', 2);
      pipe.write(text.slice(0, cut));
      await turn();
      pipe.end(text.slice(cut));
      await ended;
      expect(numbers(received).at(-1), `cut at ${cut}`).to.equal(2);
    }
  });

  it('pass on only the newest of several lines in one chunk', async () => {
    const { pipes, received } = pipesInto();
    const pipe = new PassThrough();
    void pipes.read('a', pipe);
    pipe.write(line('a', 1) + line('a', 2) + line('a', 3) + line('a', 4).slice(0, 10));
    await eventually('a snapshot', () => received.length > 0);
    pipe.write(line('a', 4).slice(10));
    await eventually('the next', () => received.length > 1);
    expect(numbers(received)).to.deep.equal([3, 4]);
  });

  it('parse at most one line per turn', async () => {
    const { pipes, received } = pipesInto();
    const sources = ['a', 'b', 'c', 'd'].map((id) => ({ id, pipe: new PassThrough() }));
    for (const { id, pipe } of sources) void pipes.read(id, pipe);
    for (const { id, pipe } of sources) pipe.write(line(id, 1));
    let seen = 0;
    while (seen < sources.length) {
      await turn();
      expect(received.length - seen).to.be.at.most(1);
      seen = received.length;
    }
  });

  it('drop a line that a death cut off, and resolve anyway', async () => {
    const { pipes, received, messages } = pipesInto();
    const pipe = new PassThrough();
    const ended = pipes.read('a', pipe);
    pipe.write(line('a', 1) + line('a', 2).slice(0, 30));
    await eventually('the whole one', () => received.length === 1);
    pipe.destroy(new Error('ECONNRESET'));
    await ended;
    expect(numbers(received)).to.deep.equal([1]);
    expect(messages).to.deep.equal([]);
  });

  it('pass on the last line before they resolve', async () => {
    const { pipes, received } = pipesInto();
    const pipe = new PassThrough();
    const ended = pipes.read('a', pipe);
    pipe.end(line('a', 9));
    await ended;
    expect(numbers(received)).to.deep.equal([9]);
  });

  it('ignore lines that are not snapshots of that worker, and continue', async () => {
    const { pipes, received, messages } = pipesInto();
    const pipe = new PassThrough();
    void pipes.read('a', pipe);
    for (const text of ['{"half"\n', '[]\n', line('b', 1)]) {
      const before = messages.length;
      pipe.write(text);
      await eventually('a complaint', () => messages.length > before);
    }
    pipe.end(line('a', 1));
    await once(pipe, 'close');
    expect(messages).to.deep.equal(['a snapshot is not JSON', 'a snapshot is malformed', 'a snapshot is malformed']);
    expect(numbers(received)).to.deep.equal([1]);
  });
});
