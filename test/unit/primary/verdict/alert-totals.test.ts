import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { alertTotals, countOf } from '../../../../src/primary/verdict/alert-totals.ts';
import type { AttemptOutcome, WorkerEvent } from '../../../../src/shared/events.ts';
import { ledgerIn } from '../../../helpers/ledger.ts';
import { folded, requestEnded } from '../../../helpers/numbers.ts';
import { SimulatedWorker } from '../../../helpers/simulated-worker.ts';

const attempt = (outcome: AttemptOutcome): WorkerEvent => {
  const numbers = { seconds: 1, request: 1, attempt: 1 };
  return { type: 'attempt-ended', provider: 'p', model: 'u', outcome, verdict: 'neutral', ...numbers };
};
const content = (seconds: number): WorkerEvent => ({ type: 'first-content', provider: 'p', model: 'm', seconds });

const events = [
  requestEnded({ model: 'm' }),
  requestEnded({ model: 'n', status: 'error', code: 'provider_error' }),
  requestEnded({ model: 'n', status: 'error', code: 'overloaded' }),
  requestEnded({ model: 'n', status: 'error', code: 'invalid_value' }),
  ...(['success', 'auth_error', 'model_unavailable', 'timeout_headers', 'timeout_stall'] as const).map(attempt),
  ...[0.5, 15, 15.001, 400].map(content),
  ...(['no_target', 'overload', 'validation'] as const).map((reason): WorkerEvent => ({ type: 'rejected', reason })),
];

const named = {
  [countOf('answered', 'm')]: 1,
  [countOf('failed', 'n')]: 2,
  [countOf('attempts', 'p')]: 5,
  [countOf('refused', 'p')]: 1,
  [countOf('lacking', 'p')]: 1,
  [countOf('late', 'p')]: 2,
  [countOf('streams', 'p')]: 4,
  [countOf('slow', 'p')]: 2,
  [countOf('rejected', 'no_target')]: 1,
  [countOf('rejected', 'overload')]: 1,
  [countOf('rejected', 'validation')]: 1,
};

function above0(totals: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...totals].filter(([, total]) => total !== 0));
}

describe('the totals of what alerts read', () => {
  it('are named by model, provider and reason', async () => {
    const retired = await folded(events);
    expect(above0(alertTotals({ retired, workers: [] }))).to.deep.equal(named);
    const tail = [{ first: 1, events }];
    const worker = { workerId: 'w', slot: 0, snapshotAgeMs: 0, base: [], tail };
    expect(above0(alertTotals({ retired: [], workers: [worker] }))).to.deep.equal(named);
  });

  it('are those of all events, whether a worker lives, has sent a registry, or is gone', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ event: fc.constantFrom(...events), after: fc.constantFrom('nothing', 'snapshot', 'close') }),
          {
            maxLength: 15,
          },
        ),
        (steps) =>
          withFolder('totals', async (folder) => {
            const { ledger } = ledgerIn(folder, {});
            let born = 0;
            const fork = () => {
              born += 1;
              ledger.open(`w${born}`, 0, born);
              return new SimulatedWorker(`w${born}`);
            };
            let worker = fork();
            for (const { event, after } of steps) {
              worker.count([event], false);
              for (const message of worker.messages.splice(0)) ledger.events(worker.id, message.first, message.events);
              if (after === 'nothing') continue;
              await worker.snapshot();
              for (const snapshot of worker.snapshots.splice(0)) ledger.snapshot(snapshot);
              if (after === 'close') {
                await ledger.close(worker.id);
                worker = fork();
              }
            }
            const all = await folded(steps.map(({ event }) => event));
            const expected = above0(alertTotals({ retired: all, workers: [] }));
            expect(above0(alertTotals(ledger.view()))).to.deep.equal(expected);
          }),
      ),
      { numRuns: 25 },
    ));
});
