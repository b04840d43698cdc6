import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { spendTotals } from '../../../../src/primary/spend/spend-totals.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { ledgerIn } from '../../../helpers/ledger.ts';
import { requestEnded } from '../../../helpers/numbers.ts';
import { SimulatedWorker } from '../../../helpers/simulated-worker.ts';

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
        fc.array(fc.record({ event: tokens, after: fc.constantFrom('nothing', 'snapshot', 'close') }), {
          maxLength: 20,
        }),
        (steps) =>
          withFolder('totals', async (folder) => {
            const { ledger } = ledgerIn(folder, {});
            const expected = new Map<string, number>();
            const add = (key: string, unit: string, amount: number) => {
              if (amount > 0) expected.set(`${key} ${unit}`, (expected.get(`${key} ${unit}`) ?? 0) + amount);
            };
            let born = 0;
            const fork = () => {
              born += 1;
              ledger.open(`w${born}`, 0, born);
              return new SimulatedWorker(`w${born}`);
            };
            let worker = fork();
            for (const { event, after } of steps) {
              if (event.type !== 'tokens') continue;
              add(event.key, 'answers', 1);
              add(event.key, 'input', event.counts.input ?? 0);
              add(event.key, event.nanoUsd === null ? 'unpriced_answers' : 'nano_usd', event.nanoUsd ?? 1);
              worker.count([requestEnded(), event], false);
              for (const message of worker.messages.splice(0)) ledger.events(worker.id, message.first, message.events);
              if (after === 'nothing') continue;
              await worker.snapshot();
              for (const snapshot of worker.snapshots.splice(0)) ledger.snapshot(snapshot);
              if (after === 'close') {
                await ledger.close(worker.id);
                worker = fork();
              }
            }
            const found = spendTotals(ledger.view()).filter(({ amount }) => amount > 0);
            const byName = found.map(({ key, unit, amount }) => [`${key} ${unit}`, amount] as const);
            expect(new Map(byName)).to.deep.equal(expected);
          }),
      ),
      { numRuns: 40 },
    ));
});
