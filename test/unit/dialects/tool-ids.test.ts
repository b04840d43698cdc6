import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ToolIds } from '../../../src/dialects/tool-ids.ts';

describe('the ids of tool calls', () => {
  it('stay as they are where they can', () => {
    const ids = new ToolIds();
    expect([ids.ofCall('toolu_1'), ids.ofResult('toolu_1')]).to.deep.equal(['toolu_1', 'toolu_1']);
  });

  it('are other ones where two would be the same', () => {
    const ids = new ToolIds();
    expect([ids.ofCall('f:0'), ids.ofCall('f.0')]).to.deep.equal(['f_0', 'f_0_2']);
    expect([ids.ofResult('f.0'), ids.ofResult('f:0')]).to.deep.equal(['f_0_2', 'f_0']);
  });

  it('belong to the calls of their turn where a provider numbers each turn anew', () => {
    const ids = new ToolIds();
    expect([ids.ofCall('call_0'), ids.ofResult('call_0')]).to.deep.equal(['call_0', 'call_0']);
    expect([ids.ofCall('call_0'), ids.ofResult('call_0')]).to.deep.equal(['call_0_2', 'call_0_2']);
  });

  it('are made for calls that have none, in their order', () => {
    const ids = new ToolIds();
    expect([ids.ofCall(''), ids.ofCall('')]).to.deep.equal(['call', 'call_2']);
    expect([ids.ofResult(''), ids.ofResult(''), ids.ofResult('')]).to.deep.equal(['call', 'call_2', 'call_2']);
  });

  it('are counted on from the last, past those that are taken', () => {
    const ids = new ToolIds();
    const made = ['a', 'a_3', 'a', 'a', 'a'].map((id) => ids.ofCall(id));
    expect(made).to.deep.equal(['a', 'a_3', 'a_2', 'a_4', 'a_5']);
  });

  it('are kept for a result without a call, of which its provider tells the client', () => {
    expect(new ToolIds().ofResult('a:b')).to.equal('a_b');
  });

  it('are allowed, each once, and each result has that of its call', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', 'a_2', 'a.2', 'é', '_'), { maxLength: 12 }), (calls) => {
        const ids = new ToolIds();
        const made = calls.map((id) => ids.ofCall(id));
        expect(new Set(made).size).to.equal(made.length);
        for (const id of made) expect(id).to.match(/^[a-zA-Z0-9_-]+$/);
        expect(calls.map((id) => ids.ofResult(id))).to.deep.equal(made);
      }),
    );
  });
});
