import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { spendTotals } from '../../../../src/primary/spend/spend-totals.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { requestEnded } from '../../../helpers/numbers.ts';
import { afterSteps, playedLedger } from '../../../helpers/played-ledger.ts';

const tokens = fc
  .record({
    key: fc.constantFrom('a', 'b'),
    nanoUsd: fc.option(fc.nat(1_000_000)),
    input: fc.nat(100),
  })
  .map(({ key, nanoUsd, input }): WorkerEvent => {
    return { type: 'tokens', provider: 'p', model: 'm', key, nanoUsd, counts: { input } };
  });

describe('the totals of what was spent', () => {
  it('are those of all events, whether a worker lives, has sent a registry, or is gone', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ event: tokens, after: fc.constantFrom(...afterSteps) }), {
          maxLength: 20,
        }),
        (steps) =>
          withFolder('totals', async (folder) => {
            const expected = new Map<string, number>();
            const add = (key: string, unit: string, amount: number) => {
              if (amount > 0) expected.set(`${key} ${unit}`, (expected.get(`${key} ${unit}`) ?? 0) + amount);
            };
            for (const { event } of steps) {
              if (event.type !== 'tokens') continue;
              add(event.key, 'answers', 1);
              add(event.key, 'input', event.counts.input ?? 0);
              add(event.key, event.nanoUsd === null ? 'unpriced_answers' : 'nano_usd', event.nanoUsd ?? 1);
            }
            const ledger = await playedLedger(
              folder,
              steps.map(({ event, after }) => ({ events: [requestEnded(), event], after })),
            );
            const found = spendTotals(ledger.view()).filter(({ amount }) => amount > 0);
            const byName = found.map(({ key, unit, amount }) => [`${key} ${unit}`, amount] as const);
            expect(new Map(byName)).to.deep.equal(expected);
          }),
      ),
      { numRuns: 40 },
    ));
});
