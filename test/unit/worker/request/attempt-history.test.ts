import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type AttemptFault, classify } from '../../../../src/shared/classify.ts';
import type { TargetConfig } from '../../../../src/shared/config.ts';
import { AttemptHistory } from '../../../../src/worker/request/attempt-history.ts';
import type { AttemptFailure } from '../../../../src/worker/upstream/attempt-failure.ts';

const timeouts: TargetConfig['timeouts'] = {
  connectMs: 1,
  headersMs: 1,
  firstContentMs: 1,
  moveOnMs: 1,
  stallMs: 1,
  totalMs: 1,
  maxStreamMs: 1,
};
const target = (provider: string, model = 'm'): TargetConfig => ({
  provider,
  model,
  maxTokens: 1,
  level: 0,
  weight: 1,
  timeouts,
});
const [first, second] = [target('a'), target('b')] as const;

/** Asks a target, which fails. */
function fail(history: AttemptHistory, index: number, asked: TargetConfig, fault: AttemptFault, more = {}): void {
  const failure: AttemptFailure = { fault, ...more };
  history.begin(index, asked, []);
  history.failed(index, asked, failure, classify(fault), 12.4);
}

describe('the history of a request', () => {
  it('is empty at first, and names no provider', () => {
    const history = new AttemptHistory();
    expect([history.isEmpty, history.provider, history.upstreamModel, `${history}`]).to.deep.equal([
      true,
      'unknown',
      null,
      '',
    ]);
  });

  it('has one note for each attempt: a failed one with its time, the answer without', () => {
    const history = new AttemptHistory();
    fail(history, 0, first, { kind: 'cut' });
    history.begin(1, second, []);
    history.answered('id');
    expect(`${history}`).to.equal('a=cut(12ms), b=200');
    expect(history.upstreamRequestId).to.equal('id');
  });

  it('notes a stream that fails after its first content as failed', () => {
    const history = new AttemptHistory();
    history.begin(0, first, []);
    history.answered(null);
    history.failed(0, first, { fault: { kind: 'cut' } }, classify({ kind: 'cut' }), 30);
    expect(`${history}`).to.equal('a=cut(30ms)');
  });

  it('counts attempts by provider and by target', () => {
    const history = new AttemptHistory();
    fail(history, 0, first, { kind: 'cut' });
    fail(history, 1, target('a', 'n'), { kind: 'cut' });
    expect([history.attemptsAt('a'), history.attemptsAt('a', 'n'), history.attemptsAt('b')]).to.deep.equal([2, 1, 0]);
  });

  it('has tried what was asked, once however often, and what could not be', () => {
    const history = new AttemptHistory();
    fail(history, 0, first, { kind: 'cut' });
    fail(history, 0, first, { kind: 'cut' });
    history.skip(1);
    expect(history.tried).to.deep.equal([0, 1]);
    expect(history.attemptsAt('b')).to.equal(0);
  });

  it('belongs to the last target asked, until the first empty answer goes back', () => {
    const history = new AttemptHistory();
    const emptyAnswer = { headers: {}, body: Buffer.of(), stream: false };
    fail(history, 0, first, { kind: 'empty' }, { emptyAnswer });
    fail(history, 1, second, { kind: 'empty' }, { emptyAnswer: { ...emptyAnswer, stream: true } });
    expect([history.provider, history.failoverIsUsed]).to.deep.equal(['b', true]);
    const kept = history.emptyAnswer;
    expect(kept?.answer).to.equal(emptyAnswer);
    if (kept !== null) history.answersEmpty(kept, 'of-a');
    expect([history.provider, history.upstreamRequestId]).to.deep.equal(['a', 'of-a']);
  });

  it('keeps who declined, and names a rejecting provider once', () => {
    const history = new AttemptHistory();
    fail(history, 0, first, { kind: 'cut' }, { declined: true });
    expect([history.hasDeclined('a', 'default'), history.hasDeclined('b', 'default')]).to.deep.equal([true, false]);
    expect([history.rejected('b'), history.rejected('b'), history.rejected('c')]).to.deep.equal([true, false, true]);
  });
});
