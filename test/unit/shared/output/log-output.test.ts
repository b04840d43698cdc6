import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { LogOutput, type Spill } from '../../../../src/shared/output/log-output.ts';
import type { OutputPort, Taken } from '../../../../src/shared/output/port.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

const MEGABYTE = 1024 * 1024;

/** A port with room for some bytes, which takes what fits. */
class FakePort implements OutputPort {
  readonly atomicBytes = 4096;
  room = Number.POSITIVE_INFINITY;
  closed = false;
  isFile = false;
  text = '';
  /** How often it was asked to take something. */
  asked = 0;

  write(data: string | Uint8Array): Taken {
    this.asked += 1;
    if (this.closed) return 'closed';
    const bytes = Buffer.from(data);
    const taken = Math.min(bytes.length, this.room);
    if (taken === 0 && bytes.length > 0) return 'full';
    this.room -= taken;
    this.text += bytes.toString('latin1', 0, taken);
    return taken;
  }

  size(): number | null {
    return this.isFile ? this.text.length : null;
  }

  endsWithinLine(): boolean {
    return this.isFile && this.text !== '' && !this.text.endsWith('\n');
  }
}

function outputTo(port: FakePort, spill?: Spill) {
  const clock = new ManualClock();
  const notice = (dropped: number) => `-${dropped}\n`;
  return { clock, output: new LogOutput({ port, clock, notice, ...(spill === undefined ? {} : { spill }) }) };
}

describe('the output of the log', () => {
  it('passes lines on immediately while there is room', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    output.write('a\n');
    output.write('b\nc\n', 2);
    expect(port.text).to.equal('a\nb\nc\n');
    expect(clock.pending).to.equal(0);
  });

  it('keeps lines that find no room, and writes them in order when there is', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    port.room = 0;
    output.write('a\n');
    output.write('b\n');
    clock.advance(1000);
    expect(port.text).to.equal('');
    port.room = Number.POSITIVE_INFINITY;
    output.write('c\n');
    clock.advance(100);
    expect(port.text).to.equal('a\nb\nc\n');
    expect(output.takeDropped()).to.equal(0);
    expect(clock.pending).to.equal(0);
  });

  it('continues a block of which a part went out', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    port.room = 3;
    output.write('äöü\n');
    port.room = 2;
    clock.advance(5);
    port.room = Number.POSITIVE_INFINITY;
    clock.advance(200);
    expect(Buffer.from(port.text, 'latin1').toString()).to.equal('äöü\n');
  });

  it('tries a port soon again that is merely slow', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    port.room = 4;
    for (let line = 0; line < 10; line += 1) output.write('line\n');
    for (let turn = 0; turn < 20; turn += 1) {
      clock.advance(5);
      port.room += 5;
    }
    expect(port.text).to.equal('line\n'.repeat(10));
  });

  it('drops lines beyond a megabyte, counts them, and says at their place how many', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    port.room = 0;
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 1100; count += 1) output.write(line);
    expect(output.waitingBytes).to.equal(MEGABYTE);
    expect(output.takeDropped()).to.equal(1100 - 1024);
    expect(output.takeDropped()).to.equal(0);
    port.room = Number.POSITIVE_INFINITY;
    clock.advance(100);
    output.write('after\n');
    expect(port.text).to.equal(`${line.repeat(1024)}-76\nafter\n`);
  });

  it('writes one notice for lines that were dropped while it was never empty', () => {
    const port = new FakePort();
    const { clock, output } = outputTo(port);
    port.room = 0;
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 1100; count += 1) output.write(line);
    port.room = MEGABYTE / 4;
    clock.advance(100);
    output.write(line);
    port.room = MEGABYTE / 2;
    clock.advance(100);
    output.write('after\n');
    port.room = Number.POSITIVE_INFINITY;
    clock.advance(100);
    expect(port.text.split('\n').filter((text) => text.startsWith('-'))).to.deep.equal(['-77']);
    expect(port.text.endsWith('after\n')).to.equal(true);
  });

  it('does not continue a line in a file that others have written to meanwhile, or that was emptied', () => {
    for (const [between, expected] of [
      ['other\n', 'firother\nsecond\n-1\n'],
      ['', 'second\n-1\n'],
    ] as const) {
      const port = new FakePort();
      port.isFile = true;
      const { clock, output } = outputTo(port);
      port.room = 3;
      output.write('first\nsecond\n', 2);
      port.text = between === '' ? '' : port.text + between;
      port.room = Number.POSITIVE_INFINITY;
      clock.advance(100);
      expect(port.text).to.equal(expected);
      expect(output.takeDropped()).to.equal(1);
    }
  });

  it('begins with a line break where another process has left half a line, after a refusal and at first', () => {
    const port = new FakePort();
    port.isFile = true;
    const one = outputTo(port);
    const other = outputTo(port);
    other.output.write('fine\n');
    port.room = 3;
    one.output.write('first\nsecond\n', 2);
    other.output.write('other\n');
    port.room = Number.POSITIVE_INFINITY;
    other.clock.advance(100);
    one.clock.advance(100);
    expect(port.text).to.equal('fine\nfir\nother\nsecond\n-1\n');
    port.text += 'hal';
    outputTo(port).output.write('whole\n');
    expect(port.text.slice(-10)).to.equal('hal\nwhole\n');
  });

  it('at the end waits for a port that was slow, but not for one that is stuck or closed', () => {
    for (const [stuckMs, closed] of [
      [5000, false],
      [0, true],
    ] as const) {
      const port = new FakePort();
      const { clock, output } = outputTo(port);
      port.room = 0;
      port.closed = closed;
      output.write('a\n');
      clock.advance(stuckMs);
      const before = port.asked;
      output.end();
      expect(port.asked - before).to.be.at.most(1);
      expect(clock.pending).to.equal(0);
    }
  });

  it('gives lines to another place while nobody reads them', () => {
    const port = new FakePort();
    let taken = '';
    let takes = true;
    let unread = false;
    const take = (block: string) => {
      if (takes) taken += block;
      return takes;
    };
    const { clock, output } = outputTo(port, { isUnread: () => unread, take });
    output.write('a\n');
    port.closed = true;
    takes = false;
    output.write('b\n');
    takes = true;
    clock.advance(5);
    port.closed = false;
    output.write('c\n');
    unread = true;
    output.write('d\n');
    expect({ taken, written: port.text }).to.deep.equal({ taken: 'b\nd\n', written: 'a\nc\n' });
  });

  it('loses, repeats and reorders no line but those that it counts, whatever the port takes', () => {
    const step = fc.oneof(
      fc.record({ write: fc.integer({ min: 1, max: 200_000 }) }),
      fc.record({ room: fc.integer({ min: 0, max: 400_000 }) }),
      fc.record({ wait: fc.integer({ min: 1, max: 150 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const port = new FakePort();
        const { clock, output } = outputTo(port);
        port.room = 0;
        let written = 0;
        let dropped = 0;
        for (const act of steps) {
          if ('room' in act) port.room += act.room;
          else if ('wait' in act) clock.advance(act.wait);
          else {
            output.write(`${written}:${'x'.repeat(act.write)}\n`);
            written += 1;
          }
          dropped += output.takeDropped();
          expect(output.waitingBytes).to.be.at.most(MEGABYTE + 20);
        }
        port.room = Number.POSITIVE_INFINITY;
        clock.advance(1000);
        let next = 0;
        for (const line of port.text.split('\n').slice(0, -1)) {
          if (line.startsWith('-')) {
            const missing = Number(line.slice(1));
            next += missing;
            dropped -= missing;
          } else {
            expect(Number(line.split(':')[0])).to.equal(next);
            next += 1;
          }
        }
        expect({ next, dropped }).to.deep.equal({ next: written, dropped: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
