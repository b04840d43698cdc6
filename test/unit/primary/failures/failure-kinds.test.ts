import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { describeFailure } from '../../../../src/primary/failures/failure.ts';
import { FailureKinds } from '../../../../src/primary/failures/failure-kinds.ts';
import type { FailureReport } from '../../../../src/shared/failure-report.ts';
import { failureReport } from '../../../helpers/failure-reports.ts';

const NOW_MS = 1_800_000_000_000;

describe('the kinds of failures', () => {
  let kinds: FailureKinds;

  beforeEach(() => {
    kinds = new FailureKinds();
  });

  const add = (fields: Partial<FailureReport>, count = 1) => {
    for (let added = 0; added < count; added += 1)
      kinds.add(describeFailure(failureReport({ atMs: NOW_MS, ...fields }), 0));
  };
  const counts = (wallMs = NOW_MS) =>
    kinds.lately(wallMs).map(({ end, lastMinute, lastTenMinutes }) => [end, lastMinute, lastTenMinutes]);

  it('are counted for a minute and for ten, however late a failure is told', () => {
    add({ trail: 'openai=500(3ms)' }, 3);
    add({ trail: 'openai=500(3ms)', atMs: NOW_MS - 300_000 }, 2);
    add({ trail: 'openai=503(3ms)', atMs: NOW_MS - 590_000 });
    expect(counts()).to.deep.equal([
      ['500', 3, 5],
      ['503', 0, 1],
    ]);
    expect(counts(NOW_MS + 80_000)).to.deep.equal([['500', 0, 5]]);
    expect(counts(NOW_MS + 620_000)).to.deep.equal([]);
  });

  it('say of the newest one when it ended, and how long its last attempt took', () => {
    add({ trail: 'azure=500(3ms), openai=timeout-headers(30001ms)' });
    add({ trail: 'openai=timeout-headers(12ms)', atMs: NOW_MS - 5_000 });
    const [kind] = kinds.lately(NOW_MS);
    expect(kind).to.include({ end: 'timeout-headers', tookMs: 30_001, atMs: NOW_MS, lastMinute: 2 });
    add({ code: 'overloaded', provider: 'unknown', trail: '' });
    expect(kinds.lately(NOW_MS).at(-1)).to.include({ end: null, tookMs: null });
  });

  it('are not those of clients, nor those that only found circuits open', () => {
    add({ code: 'request_rejected', trail: 'openai=400(3ms)' });
    add({ code: 'circuit_open', trail: '' });
    expect(counts()).to.deep.equal([]);
  });

  it('are 200 at most, and those stay that come', () => {
    add({ model: 'first' });
    for (let model = 0; model < 199; model += 1) add({ model: `m-${model}` });
    add({ model: 'first' });
    add({ model: 'last' });
    const models = kinds.lately(NOW_MS).map(({ model }) => model);
    expect(models).to.have.length(200).and.include.members(['first', 'last']).and.not.include('m-0');
  });
});
