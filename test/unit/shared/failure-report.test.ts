import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isFailureReport, MOST_NAME, MOST_REPORTS, MOST_TRAIL } from '../../../src/shared/failure-report.ts';
import { envelope, readWorkerMessage } from '../../../src/shared/ipc.ts';
import { failureReport } from '../../helpers/failure-reports.ts';

describe('a report of a failed request', () => {
  it('is read when it is whole', () => {
    expect(isFailureReport(failureReport())).to.equal(true);
    const full = { upstreamModel: null, key: 'one', cause: 'ECONNRESET', upstreamRequestId: 'u-1', trail: '' };
    expect(isFailureReport(failureReport(full))).to.equal(true);
  });

  it('is broken with any field missing or of another kind', () => {
    for (const field of Object.keys(failureReport())) {
      for (const value of [undefined, {}, [], Number.NaN, -1, Symbol.iterator]) {
        expect(isFailureReport({ ...failureReport(), [field]: value }), `${field} ${String(value)}`).to.equal(false);
      }
    }
  });

  it('is broken with a word of no list, or a text beyond its bound', () => {
    const wrong = [
      { code: 'toString' },
      { endpoint: '/v1/my-prompt' },
      { cause: 'the words of a provider' },
      { cause: 'E' },
      { atMs: 1e300 },
      { id: 'x'.repeat(MOST_NAME + 1) },
      { model: 'x'.repeat(MOST_NAME + 1) },
      { trail: 'x'.repeat(MOST_TRAIL + 1) },
    ];
    for (const fields of wrong) {
      expect(isFailureReport({ ...failureReport(), ...fields }), JSON.stringify(fields).slice(0, 50)).to.equal(false);
    }
  });

  it('comes with no more others than a message may have', () => {
    const message = (count: number) => ({
      type: 'failures' as const,
      failures: Array.from({ length: count }, () => failureReport()),
      withheld: 3,
    });
    expect(readWorkerMessage(envelope(message(MOST_REPORTS)))).to.deep.include(message(MOST_REPORTS));
    expect(readWorkerMessage(envelope(message(MOST_REPORTS + 1)))).to.equal('broken');
    expect(readWorkerMessage({ ...envelope(message(1)), withheld: -1 })).to.equal('broken');
  });
});
