import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { History } from '../../../../src/primary/history/history.ts';
import { historyAnswer } from '../../../../src/primary/history/history-answer.ts';
import { Steps } from '../../../../src/primary/history/steps.ts';
import { MOST_NAMES, MOST_TARGETS } from '../../../../src/primary/history/subjects.ts';
import { trafficOf } from '../../../../src/primary/history/traffic.ts';
import type { AttemptOutcome, WorkerEvent } from '../../../../src/shared/events.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded } from '../../../helpers/numbers.ts';

const ofGateway = { model: null, provider: null };

/** Beside what was asked for. */
const configured = { models: ['idle'], providers: ['standby'] };

class SetClock extends ManualClock {
  setBackMs = 0;

  override wallMs(): number {
    return super.wallMs() - this.setBackMs;
  }
}

let clock: SetClock;
let history: History;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    clock = new SetClock(0);
    history = new History(new Steps(clock));
  });
}

const failed = (parts: Parameters<typeof requestEnded>[0] = {}) =>
  requestEnded({ status: 'error', code: 'provider_error', ...parts });
const tokens = (parts: object = {}): WorkerEvent => {
  const counts = { input: 10, output: 20 };
  return { type: 'tokens', provider: 'openai', model: 'gpt-4', key: 'default', nanoUsd: 5e8, counts, ...parts };
};
const seriesOf = (query: { model?: string; provider?: string } = {}) =>
  historyAnswer(history, { ...ofGateway, ...query }, configured).series;

describe('the history', () => {
  prepare();

  it('has each step that is over, of the gateway, of a model and of a provider', () => {
    history.count([requestEnded(), failed({ provider: 'azure' }), failed({ model: 'other', code: 'invalid_value' })]);
    history.count([tokens(), tokens({ nanoUsd: null })]);
    history.count([{ type: 'first-content', provider: 'openai', model: 'gpt-4', seconds: 0.25 }]);
    expect(seriesOf().requests).to.deep.equal([]);
    clock.advance(10_000);
    const { requests, errors, p50Ms, p99Ms, firstContentMs, inputTokens, outputTokens, usd } = seriesOf();
    expect({ requests, errors, inputTokens, outputTokens, usd }).to.deep.equal({
      requests: [3],
      errors: { client: [1], policy: [0], provider: [1], gateway: [0] },
      inputTokens: [20],
      outputTokens: [40],
      usd: [0.5],
    });
    expect(p50Ms[0]).to.be.closeTo(500, 25);
    expect(p99Ms).to.deep.equal(p50Ms);
    expect(firstContentMs[0]).to.be.closeTo(250, 12);
    expect(seriesOf({ model: 'gpt-4' }).requests).to.deep.equal([2]);
    expect(seriesOf({ provider: 'azure' }).errors.provider).to.deep.equal([1]);
    expect(seriesOf({ provider: 'azure' }).p50Ms).to.deep.equal([null]);
  });

  it('counts the last hour, and nothing of a subject in steps in which it was idle', () => {
    history.count([requestEnded({ model: 'a' })]);
    clock.advance(10_000);
    history.count([requestEnded({ model: 'b' }), requestEnded({ model: 'b' })]);
    clock.advance(10_000);
    expect(seriesOf({ model: 'a' }).requests).to.deep.equal([1, 0]);
    expect(seriesOf({ model: 'b' }).requests).to.deep.equal([0, 2]);
    expect(seriesOf({ model: 'idle' }).requests).to.deep.equal([0, 0]);
    for (let step = 0; step < 400; step += 1) {
      clock.advance(10_000);
      history.turn();
    }
    expect(seriesOf().requests).to.deep.equal(new Array(360).fill(0));
    expect([...history.models.all]).to.deep.equal([]);
  });

  it('is not there of a model or a provider that nobody has heard of, and the error names those that there are', () => {
    history.count([requestEnded({ model: 'a' })]);
    expect(() => seriesOf({ model: 'unheard' }))
      .to.throw('there is no model "unheard"; there are idle, a')
      .with.property('status', 404);
    expect(() => seriesOf({ provider: 'unheard' })).to.throw(
      'there is no provider "unheard"; there are standby, openai',
    );
    const many = { models: Array.from({ length: 30 }, (_, index) => `m${index}`), providers: [] };
    expect(() => historyAnswer(history, { model: 'unheard', provider: null }, many)).to.throw(/m19 and 11 more$/);
    expect(seriesOf({ provider: 'standby' }).requests).to.deep.equal([]);
  });

  it('says nothing of steps in which no gateway ran', () => {
    history.count([requestEnded()]);
    clock.advance(10_000);
    history.turn();
    const kept = history.kept(0);
    if (kept === null) throw new Error('the step is not known');
    clock.advance(30_000);
    const successor = new History(new Steps(clock));
    successor.restore(successor.steps.at(1_700_000_000_000), kept);
    clock.advance(10_000);
    const { series, until } = historyAnswer(successor, ofGateway, configured);
    expect(series.requests).to.deep.equal([1, null, null, null, 0]);
    expect(series.p50Ms[0]).to.be.closeTo(500, 25);
    expect(until).to.equal(new Date(1_700_000_050_000).toISOString());
    expect(historyAnswer(successor, { model: 'gpt-4', provider: null }, configured).series.requests[0]).to.equal(1);
  });

  it('leaves out what a suspension has skipped, and steps of the future or of more than an hour ago', () => {
    history.count([requestEnded()]);
    clock.advance(50_000);
    history.count([requestEnded()]);
    clock.advance(10_000);
    expect(seriesOf().requests).to.deep.equal([1, null, null, null, null, 1]);
    const kept = history.kept(0);
    if (kept === null) throw new Error('the step is not known');
    for (const step of [history.step, history.step + 5, history.step - 360]) history.restore(step, kept);
    expect(seriesOf().requests).to.have.length(6);
  });

  it('keeps order and ages when the wall clock is set', () => {
    history.count([requestEnded()]);
    clock.advance(10_000);
    clock.setBackMs = 3_600_000;
    history.count([requestEnded(), requestEnded()]);
    clock.advance(10_000);
    const { series, until } = historyAnswer(history, ofGateway, configured);
    expect(series.requests).to.deep.equal([1, 2]);
    expect(until).to.equal(new Date(1_700_000_020_000 - 3_600_000).toISOString());
  });

  it('has a bounded number of models, providers and targets, and counts the rest as other', () => {
    for (let name = 0; name < 3 * MOST_NAMES; name += 1) {
      history.count([requestEnded({ model: `m${name}`, provider: `p${name}` })]);
      history.count([requestEnded({ model: 'm0', upstreamModel: `u${name}` })]);
    }
    expect([...history.models.all]).to.have.length(MOST_NAMES + 1);
    expect([...history.providers.all]).to.have.length(MOST_NAMES + 1);
    expect(history.models.get('m0')?.targets).to.have.length(MOST_TARGETS);
    clock.advance(10_000);
    expect(seriesOf({ model: 'other' }).requests).to.deep.equal([2 * MOST_NAMES]);
    expect(seriesOf().requests).to.deep.equal([6 * MOST_NAMES]);
  });
});

describe('the traffic of the last minute', () => {
  prepare();

  it('has rates, shares and latencies of models, targets and providers', () => {
    clock.advance(10_000);
    history.count([requestEnded(), requestEnded({ provider: 'azure', upstreamModel: 'gpt-4-eu' })]);
    history.count([
      failed(),
      failed({ provider: 'unknown', code: 'circuit_open' }),
      tokens(),
      tokens({ nanoUsd: null }),
    ]);
    clock.advance(10_000);
    const { windowSeconds, models, targets, providers } = trafficOf(history);
    expect(windowSeconds).to.equal(60);
    expect(models).to.have.length(1);
    expect(models[0]).to.deep.include({
      model: 'gpt-4',
      requestsPerSecond: 0.2,
      errorShare: { client: 0, policy: 0, provider: 0.5, gateway: 0 },
      firstContentMs: null,
      outputTokensPerSecond: 2,
      usdPerHour: 90,
      unpriced: 1,
    });
    expect(targets.map(({ provider, upstreamModel, share }) => [provider, upstreamModel, share])).to.deep.equal([
      ['openai', 'gpt-4', 0.5],
      ['azure', 'gpt-4-eu', 0.25],
    ]);
    expect(providers.map(({ provider, errorShare }) => [provider, errorShare.provider])).to.deep.equal([
      ['openai', 0.5],
      ['azure', 0],
      ['unknown', 1],
    ]);
    expect(providers[2]).to.deep.include({ p50Ms: null, usdPerHour: null });
  });

  it('has the attempts that failed at a target, though another one has answered', () => {
    const attempt = (provider: string, outcome: AttemptOutcome, end?: string): WorkerEvent => {
      const numbers = { seconds: 1, request: 1, attempt: 1, ...(end === undefined ? {} : { end }) };
      return { type: 'attempt-ended', provider, model: 'm', outcome, verdict: 'neutral', ...numbers };
    };
    clock.advance(10_000);
    history.count([
      ...(['server_error', 'timeout_headers', 'success', 'client_gone'] as const).map((each) =>
        attempt('openai', each),
      ),
      attempt('azure', 'success'),
      requestEnded({ provider: 'azure' }),
    ]);
    clock.advance(10_000);
    expect(trafficOf(history).attempts).to.deep.equal([
      { provider: 'openai', upstreamModel: 'm', attemptsPerSecond: 0.2, failedShare: 0.5 },
      { provider: 'azure', upstreamModel: 'm', attemptsPerSecond: 0.05, failedShare: 0 },
    ]);

    history.count([attempt('openai', 'server_error', '500'), attempt('openai', 'server_error', '503')]);
    expect(history.attempts.lastEnd('openai', 'server_error')).to.equal('503');
    expect(history.attempts.lastEnd('openai', 'connect_error')).to.equal(null);
  });

  it('forgets after a minute', () => {
    history.count([requestEnded()]);
    history.count([
      {
        ...{ type: 'attempt-ended', provider: 'p', model: 'm', outcome: 'success', verdict: 'neutral' },
        ...{ seconds: 1, request: 1, attempt: 1 },
      },
    ]);
    for (let step = 0; step < 6; step += 1) {
      expect(trafficOf(history).models).to.have.length(1);
      clock.advance(10_000);
    }
    expect(trafficOf(history)).to.deep.equal({
      windowSeconds: 60,
      models: [],
      targets: [],
      providers: [],
      attempts: [],
    });
  });
});
