import { expect } from 'chai';
import fc from 'fast-check';
import { ByteHold } from '../../../src/wire/byte-hold.ts';

describe('held bytes', () => {
  it('are all bytes in order, and the chunks stay as they were', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, fc.boolean(), (parts, known) => {
        const pushed = parts.map((part) => Buffer.from(part));
        const expected = Buffer.concat(parts);
        const hold = new ByteHold();
        for (const chunk of pushed) hold.push(chunk, ...(known ? [expected.length] : []));
        expect(hold.bytes.equals(expected)).to.equal(true);
        expect(hold.length).to.equal(expected.length);
        expect(pushed.every((chunk, index) => chunk.equals(parts[index] ?? Buffer.alloc(0)))).to.equal(true);
      }),
    );
  });

  it('are not copied if they came in one piece, unless that is a small part of a larger buffer', () => {
    const hold = new ByteHold();
    const whole = Buffer.allocUnsafeSlow(1000);
    hold.push(whole);
    expect(hold.bytes.buffer).to.equal(whole.buffer);
    hold.clear();
    hold.push(whole.subarray(10, 20), 10);
    expect(hold.bytes.buffer).to.not.equal(whole.buffer);
  });

  it('take no more room than is known to be needed, and few copies', () => {
    const hold = new ByteHold();
    const buffers = new Set<ArrayBufferLike>();
    for (let count = 0; count < 100_000; count += 1) {
      hold.push(Buffer.from('ab'), 200_000);
      buffers.add(hold.bytes.buffer);
    }
    expect(hold.bytes.buffer.byteLength).to.equal(200_000);
    expect(buffers.size).to.be.below(10);
  });

  it('leave only the first megabytes behind in copies, however large they become', () => {
    const chunk = Buffer.alloc(60_000);
    for (const megabytes of [5, 17, 33]) {
      const hold = new ByteHold();
      const buffers = new Set<ArrayBufferLike>();
      while (hold.length < megabytes * 1_000_000) {
        hold.push(chunk, 40_000_000);
        buffers.add(hold.bytes.buffer);
      }
      buffers.delete(hold.bytes.buffer);
      const left = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(left).to.be.below(5_000_000);
    }
  });
});
