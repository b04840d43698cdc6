import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { alertTotals, countOf, endOf } from '../../../../src/primary/verdict/alert-totals.ts';
import type { AttemptOutcome, WorkerEvent } from '../../../../src/shared/events.ts';
import { folded, requestEnded } from '../../../helpers/numbers.ts';
import { afterSteps, playedLedger } from '../../../helpers/played-ledger.ts';

const attempt = (outcome: AttemptOutcome): WorkerEvent => {
  const numbers = { seconds: 1, request: 1, attempt: 1 };
  return { type: 'attempt-ended', provider: 'p', model: 'u', outcome, verdict: 'neutral', ...numbers };
};
const content = (seconds: number): WorkerEvent => ({ type: 'first-content', provider: 'p', model: 'm', seconds });

const tokens = (nanoUsd: number | null): WorkerEvent => {
  return { type: 'tokens', provider: 'p', model: 'm', key: 'default', nanoUsd, counts: { input: 1 } };
};

const events = [
  requestEnded({ model: 'm' }),
  requestEnded({ model: 'n', status: 'error', code: 'provider_error' }),
  requestEnded({ model: 'n', status: 'error', code: 'overloaded' }),
  requestEnded({ model: 'n', status: 'error', code: 'invalid_value' }),
  ...(['success', 'auth_error', 'model_unavailable', 'timeout_headers', 'timeout_stall'] as const).map(attempt),
  ...[0.5, 15, 15.001, 400].map(content),
  tokens(250),
  tokens(null),
  ...(['no_target', 'overload', 'validation'] as const).map((reason): WorkerEvent => ({ type: 'rejected', reason })),
];

const named = {
  [countOf('answered', 'm')]: 1,
  [countOf('failed', 'n')]: 2,
  [countOf('attempts', 'p')]: 5,
  ...Object.fromEntries(
    ['success', 'auth_error', 'model_unavailable', 'timeout_headers', 'timeout_stall'].map((outcome) => [
      countOf('ended', endOf('p', outcome)),
      1,
    ]),
  ),
  [countOf('refused', 'p')]: 1,
  [countOf('lacking', 'p')]: 1,
  [countOf('late', 'p')]: 2,
  [countOf('streams', 'p')]: 4,
  [countOf('slow', 'p')]: 2,
  [countOf('paid', 'p')]: 250,
  [countOf('unpriced', endOf('p', 'm'))]: 1,
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
        fc.array(fc.record({ event: fc.constantFrom(...events), after: fc.constantFrom(...afterSteps) }), {
          maxLength: 15,
        }),
        (steps) =>
          withFolder('totals', async (folder) => {
            const ledger = await playedLedger(
              folder,
              steps.map(({ event, after }) => ({ events: [event], after })),
            );
            const all = await folded(steps.map(({ event }) => event));
            const expected = above0(alertTotals({ retired: all, workers: [] }));
            expect(above0(alertTotals(ledger.view()))).to.deep.equal(expected);
          }),
      ),
      { numRuns: 25 },
    ));
});
