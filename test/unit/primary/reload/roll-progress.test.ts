import { expect } from 'chai';
import { describe, it } from 'mocha';
import { roll } from '../../../../src/primary/processes/roll.ts';
import { ReplacementError } from '../../../../src/primary/processes/slot.ts';
import { RollProgress } from '../../../../src/primary/reload/roll-progress.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

describe('the progress of a roll', () => {
  it('counts the slots that are done, up to all of them', async () => {
    const clock = new ManualClock();
    const progress = new RollProgress(clock);
    expect(progress.last).to.equal(null);
    const startedAtMs = clock.wallMs();
    const seen: unknown[] = [];
    const slots = [0, 1].map((index) => ({
      index,
      replace: async () => {
        seen.push(progress.last);
        clock.advance(1_000);
        return 'replaced' as const;
      },
    }));
    await progress.follow(2, (slotDone) => roll(slots, slotDone));
    const record = (replaced: number) => ({ startedAtMs, replaced, of: 2, problem: null });
    expect([...seen, progress.last]).to.deep.equal([record(0), record(1), record(2)]);
  });

  it('keeps the problem of one that fails until the next begins', async () => {
    const progress = new RollProgress(new ManualClock());
    const failure = new ReplacementError('slot 1: the successor ended before it was ready');
    const failed = progress.follow(2, async (slotDone) => {
      slotDone();
      throw failure;
    });
    expect(await failed.catch((error: unknown) => error)).to.equal(failure);
    expect(progress.last).to.include({ replaced: 1, of: 2, problem: failure.message });
    const next = progress.follow(2, () => Promise.resolve());
    expect(progress.last).to.include({ replaced: 0, problem: null });
    await next;
  });

  it('is that of the later one while two run', async () => {
    const progress = new RollProgress(new ManualClock());
    const slow = Promise.withResolvers<void>();
    const first = progress.follow(3, async (slotDone) => {
      await slow.promise;
      slotDone();
      throw new Error('too late');
    });
    await progress.follow(2, async (slotDone) => slotDone());
    slow.resolve();
    await first.catch(() => undefined);
    expect(progress.last).to.include({ replaced: 1, of: 2, problem: null });
  });
});
