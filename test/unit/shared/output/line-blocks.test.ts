import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LineBlocks } from '../../../../src/shared/output/line-blocks.ts';

describe('blocks of lines', () => {
  /** The blocks that the destination received, each with the number of its lines and bytes. */
  function blocks(largest: number): { written: [string, number, number][]; lines: LineBlocks } {
    const written: [string, number, number][] = [];
    const write = (block: string, count: number, bytes: number) => written.push([block, count, bytes]);
    return { written, lines: new LineBlocks({ write }, largest) };
  }

  it('are written when the next line would make them too large, in order', () => {
    const { written, lines } = blocks(8);
    for (const line of ['one\n', 'two\n', 'three\n']) lines.write(line);
    expect(written).to.deep.equal([['one\ntwo\n', 2, 8]]);
    lines.flushSync();
    expect(written.slice(1)).to.deep.equal([['three\n', 1, 6]]);
  });

  it('are measured in bytes', () => {
    const { written, lines } = blocks(8);
    for (const line of ['äöü\n', 'b\n']) lines.write(line);
    expect(written).to.deep.equal([['äöü\n', 1, 7]]);
  });

  it('hold a line that is too long on its own', () => {
    const { written, lines } = blocks(4);
    for (const line of ['a\n', 'much too long\n', 'b\n']) lines.write(line);
    lines.flushSync();
    expect(written.map(([block]) => block)).to.deep.equal(['a\n', 'much too long\n', 'b\n']);
  });

  it('are not written while no line is waiting', () => {
    const { written, lines } = blocks(4);
    lines.flushSync();
    expect(written).to.deep.equal([]);
  });
});
