import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Rests } from '../../../../src/primary/circuits/cooldowns.ts';
import { targetRested } from '../../../helpers/circuit-fixtures.ts';

function remaining(rests: Rests, nowMs: number): number[] {
  return rests.list(nowMs).map(({ remainingMs }) => remainingMs);
}

describe('rests', () => {
  it('end by themselves when their time is over', () => {
    const rests = new Rests();
    rests.add(targetRested({ retryAfterMs: 5_000 }), 100);
    expect(rests.list(2_100)).to.deep.equal([{ provider: 'openai', model: 'm', remainingMs: 3_000 }]);
    expect(rests.list(5_100)).to.deep.equal([]);
  });

  it('take the later of two ends, whichever came first', () => {
    const rests = new Rests();
    expect(rests.add(targetRested({ retryAfterMs: 5_000 }), 0)).to.equal(true);
    expect(rests.add(targetRested({ retryAfterMs: 1_000 }), 0)).to.equal(false);
    expect(remaining(rests, 0)).to.deep.equal([5_000]);
    expect(rests.add(targetRested({ retryAfterMs: 9_000 }), 0)).to.equal(true);
    expect(remaining(rests, 0)).to.deep.equal([9_000]);
  });

  it('double with each 429 in a row', () => {
    const rests = new Rests();
    let nowMs = 0;
    const lengths = Array.from({ length: 7 }, () => {
      rests.add(targetRested({}), nowMs);
      const length = remaining(rests, nowMs)[0] ?? 0;
      nowMs += length;
      return length;
    });
    expect(lengths).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('do not double within one wave of 429s', () => {
    const rests = new Rests();
    for (let index = 0; index < 40; index += 1) rests.add(targetRested({}), index);
    expect(remaining(rests, 39)).to.deep.equal([1_000]);
  });

  it('start from one second again after a success that was sent after the last rest', () => {
    const rests = new Rests();
    rests.add(targetRested({}), 0);
    rests.succeeded('openai', 'm', 1_000);
    rests.add(targetRested({}), 2_000);
    expect(remaining(rests, 2_000)).to.deep.equal([1_000]);
  });

  it('go on doubling after a success of another target, or of an attempt sent before the rest was over', () => {
    const rests = new Rests();
    rests.add(targetRested({}), 0);
    rests.succeeded('openai', 'n', 1_500);
    rests.succeeded('anthropic', 'm', 1_500);
    rests.succeeded('openai', 'm', 999);
    rests.add(targetRested({}), 2_000);
    expect(remaining(rests, 2_000)).to.deep.equal([2_000]);
  });

  it('let a success of an unknown target count for all of the provider', () => {
    const rests = new Rests();
    rests.add(targetRested({}), 0);
    rests.succeeded('openai', undefined, 1_500);
    rests.add(targetRested({}), 2_000);
    expect(remaining(rests, 2_000)).to.deep.equal([1_000]);
  });

  it('keep a key apart from the targets it opens', () => {
    const rests = new Rests();
    rests.add(targetRested({ model: null, reason: 'auth' }), 0);
    rests.add(targetRested({ reason: 'quota' }), 0);
    expect(rests.list(0)).to.deep.equal([
      { provider: 'openai', model: null, remainingMs: 60_000 },
      { provider: 'openai', model: 'm', remainingMs: 300_000 },
    ]);
  });

  it('are forgotten where nothing keeps them', () => {
    const rests = new Rests();
    rests.add(targetRested({ model: 'm' }), 0);
    rests.add(targetRested({ model: 'n' }), 0);
    rests.retain((_, model) => model === 'n');
    expect(rests.list(0).map(({ model }) => model)).to.deep.equal(['n']);
  });
});
