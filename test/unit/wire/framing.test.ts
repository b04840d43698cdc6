import { expect } from 'chai';
import { describe, it } from 'mocha';
import { splitterFor } from '../../../src/wire/framing.ts';

describe('the splitter for server-sent events', () => {
  it('gives events as their chunks complete them, and at the end the one that is left', () => {
    const splitter = splitterFor('sse');
    expect(splitter.push(Buffer.from('data: a\n\ndata: b\n')).map(({ data }) => data)).to.deep.equal(['a']);
    expect([splitter.pendingBytes, splitter.unended()?.data]).to.deep.equal([8, 'b']);
    expect(splitter.push(Buffer.from('\ndata: c')).map(({ data }) => data)).to.deep.equal(['b']);
    expect(splitter.flush()?.data).to.equal('c');
    expect(splitter.flush()).to.equal(null);
  });

  it('is another one for each stream', () => {
    const [one, other] = [splitterFor('sse'), splitterFor('sse')];
    one.push(Buffer.from('data: a'));
    expect([one.pendingBytes, other.pendingBytes]).to.deep.equal([7, 0]);
  });
});
