import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Cooldowns } from '../../../../src/primary/circuits/cooldowns.ts';
import { cooldownStarted } from '../../../helpers/circuit-fixtures.ts';

function remaining(cooldowns: Cooldowns, nowMs: number): number[] {
  return cooldowns.list(nowMs).map(({ remainingMs }) => remainingMs);
}

describe('cooldowns', () => {
  it('end when their time is over', () => {
    const cooldowns = new Cooldowns();
    cooldowns.add(cooldownStarted({ retryAfterMs: 5_000 }), 100);
    expect(cooldowns.list(2_100)).to.deep.equal([
      { provider: 'openai', key: 'default', model: 'm', remainingMs: 3_000, reason: 'rate_limited' },
    ]);
    expect(cooldowns.list(5_100)).to.deep.equal([]);
  });

  it('keep the later of two ends, in either order', () => {
    const cooldowns = new Cooldowns();
    expect(cooldowns.add(cooldownStarted({ retryAfterMs: 5_000 }), 0)).to.equal(true);
    expect(cooldowns.add(cooldownStarted({ retryAfterMs: 1_000 }), 0)).to.equal(false);
    expect(remaining(cooldowns, 0)).to.deep.equal([5_000]);
    expect(cooldowns.add(cooldownStarted({ retryAfterMs: 9_000 }), 0)).to.equal(true);
    expect(remaining(cooldowns, 0)).to.deep.equal([9_000]);
  });

  it('double with each 429 in a row', () => {
    const cooldowns = new Cooldowns();
    let nowMs = 0;
    const lengths = Array.from({ length: 7 }, () => {
      cooldowns.add(cooldownStarted({}), nowMs);
      const length = remaining(cooldowns, nowMs)[0] ?? 0;
      nowMs += length;
      return length;
    });
    expect(lengths).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('do not double within one wave of 429s', () => {
    const cooldowns = new Cooldowns();
    for (let index = 0; index < 40; index += 1) cooldowns.add(cooldownStarted({}), index);
    expect(remaining(cooldowns, 39)).to.deep.equal([1_000]);
  });

  it('start from one second again after a success that was sent after the last cooldown', () => {
    const cooldowns = new Cooldowns();
    cooldowns.add(cooldownStarted({}), 0);
    cooldowns.succeeded('openai', 'default', 'm', 1_000);
    cooldowns.add(cooldownStarted({}), 2_000);
    expect(remaining(cooldowns, 2_000)).to.deep.equal([1_000]);
  });

  it('keep doubling after a success of another target or of an attempt sent before the cooldown ended', () => {
    const cooldowns = new Cooldowns();
    cooldowns.add(cooldownStarted({}), 0);
    cooldowns.succeeded('openai', 'default', 'n', 1_500);
    cooldowns.succeeded('anthropic', 'default', 'm', 1_500);
    cooldowns.succeeded('openai', 'default', 'm', 999);
    cooldowns.add(cooldownStarted({}), 2_000);
    expect(remaining(cooldowns, 2_000)).to.deep.equal([2_000]);
  });

  it('go on in another process with their streaks, for as long as was left', () => {
    const [before, after] = [new Cooldowns(), new Cooldowns()];
    before.add(cooldownStarted({}), 0);
    before.add(cooldownStarted({}), 1_500);
    before.add(cooldownStarted({ model: 'n' }), 1_500);
    const saved = before.save(2_600);
    expect(saved).to.deep.equal([
      { provider: 'openai', key: 'default', model: 'm', remainingMs: 900, reason: 'rate_limited', streak: 2 },
    ]);
    for (const cooldown of saved) after.restore({ ...cooldown, untilMs: cooldown.remainingMs });
    expect(after.status({ provider: 'openai', key: 'default', model: 'm' }, 0)).to.deep.include({
      remainingMs: 900,
      reason: 'rate_limited',
    });
    after.add(cooldownStarted({}), 900);
    expect(remaining(after, 900)).to.deep.equal([4_000]);
  });

  it('keep the cooldown of a key separate from those of its targets', () => {
    const cooldowns = new Cooldowns();
    cooldowns.add(cooldownStarted({ model: null, reason: 'auth' }), 0);
    cooldowns.add(cooldownStarted({ reason: 'quota' }), 0);
    expect(cooldowns.list(0)).to.deep.equal([
      { provider: 'openai', key: 'default', model: null, remainingMs: 60_000, reason: 'auth' },
      { provider: 'openai', key: 'default', model: 'm', remainingMs: 300_000, reason: 'quota' },
    ]);
  });

  it('are deleted unless retained', () => {
    const cooldowns = new Cooldowns();
    cooldowns.add(cooldownStarted({ model: 'm' }), 0);
    cooldowns.add(cooldownStarted({ model: 'n' }), 0);
    cooldowns.retain(({ model }) => model === 'n');
    expect(cooldowns.list(0).map(({ model }) => model)).to.deep.equal(['n']);
  });
});
