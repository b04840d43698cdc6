import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { endOf } from '../../../../src/primary/verdict/alert-totals.ts';
import { alerts } from '../../../../src/primary/verdict/alerts.ts';
import { early } from '../../../../src/primary/verdict/early-errors.ts';
import type { FailureKind } from '../../../../src/primary/verdict/facts.ts';
import { JudgedGateway, NOON_MS, OFFSET } from '../../../helpers/verdict-facts.ts';

let gateway: JudgedGateway;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    gateway = new JudgedGateway();
  });
}

describe('what the verdict says before an alert', () => {
  prepare();

  const run = (failures: number) => ({ model: 'gpt-4', failures, sinceMs: NOON_MS - 60_000, provider: 'openai' });
  const failure: FailureKind = {
    ...{ model: 'gpt-4', provider: 'openai', upstreamModel: 'gpt-4', code: 'provider_error', end: '500' },
    ...{ cause: null, tookMs: null, atMs: NOON_MS, lastMinute: 2, lastTenMinutes: 2 },
  };

  it('has bounds below those of the alert, and is a page only by its numbers', () => {
    const { bounds, forSeconds } = alerts.HeadgateErrors;
    expect(early.inARow).to.be.within(2, bounds.failures[1] - 1);
    expect(early.inARowSeconds).to.be.lessThan(forSeconds);
    expect([early.waiting, early.waitingSeconds]).to.deep.equal([bounds.failures[1], forSeconds]);
  });

  it('is a warning that all of the last requests failed, from two in a row that no answer follows', () => {
    gateway.state = { runs: [run(2)], failures: [failure] };
    expect(gateway.judged().level).to.equal('well');
    gateway.wallMs += early.inARowSeconds * 1000;
    const { level, sentence, since, findings } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `gpt-4: all of the last 2 requests failed since 11:59${OFFSET}, provider openai answers 500`,
    ]);
    expect(since).to.equal(new Date(NOON_MS - 60_000).toISOString());
    expect(findings[0]).to.include({ alert: 'HeadgateErrors', model: 'gpt-4', provider: 'openai' });
    expect(findings[0]?.cure).to.contain('status page of openai');
    gateway.state = {};
    expect(gateway.judged().level).to.equal('well');
  });

  it('says nothing of one failure, of a run that an answer ends at once, or of requests without a model', () => {
    for (const runs of [[run(1)], [run(2)], [], [run(2)], [{ ...run(4), model: 'other' }]]) {
      gateway.state = { runs };
      expect(gateway.judged().level).to.equal('well');
      gateway.wallMs += 2_000;
    }
    expect(gateway.judged().level).to.equal('well');
  });

  it('hides no page: neither the alert of the whole gateway, nor a refused key', () => {
    for (const model of ['a', 'b', 'c', 'd', 'gpt-4']) gateway.count('failed', model, 2);
    gateway.count('refused', 'openai', 1);
    gateway.state = { runs: [run(2)], failures: [{ ...failure, code: 'provider_auth', end: '401' }] };
    gateway.judged();
    gateway.wait(60);
    const { findings } = gateway.judged();
    expect(findings.map(({ alert, severity, model }) => [alert, severity, model])).to.deep.equal([
      ['HeadgateErrors', 'page', null],
      ['HeadgateProviderRefusesKey', 'page', null],
      ['HeadgateErrors', 'warn', 'gpt-4'],
    ]);
  });

  it('becomes the page of the alert with the fifth failure, and keeps since when', () => {
    gateway.state = { runs: [run(4)] };
    gateway.judged();
    gateway.wait(20);
    expect(gateway.judged().level).to.equal('warn');
    gateway.count('failed', 'gpt-4', 5);
    gateway.state = { runs: [run(5)] };
    const { level, sentence } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'page',
      `gpt-4: 100 % of requests fail since 11:59${OFFSET}, provider openai`,
    ]);
  });
});

describe('the verdict on requests that wait', () => {
  prepare();

  const wait = (requests: number, longestMs: number, provider = 'openai') => ({
    ...{ provider, model: 'gpt-4', requests, longestMs },
  });

  it('is a page with the model where five wait and the first one for a minute, and nothing is answered', () => {
    gateway.state = { silent: [wait(2, 40_000), wait(4, 87_400)] };
    const { level, sentence, findings } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'page',
      `gpt-4: no answer since 11:58${OFFSET}, provider openai answers nothing: 6 requests wait, the first for 87 s`,
    ]);
    expect(findings[0]).to.include({ alert: 'HeadgateErrors', model: 'gpt-4', provider: 'openai' });
    expect(findings[0]?.cure).to.contain('Look at the status page of openai').and.contain('give gpt-4 another target');
  });

  it('is a warning of few, or of those that have not waited for long', () => {
    for (const silent of [[wait(4, 90_000)], [wait(300, 59_000)]]) {
      gateway.state = { silent };
      gateway.ongoing = [];
      const { level, findings } = gateway.judged();
      expect([level, findings.length, findings[0]?.model]).to.deep.equal(['warn', 1, 'gpt-4']);
    }
    gateway.state = { silent: [wait(1, 40_000)] };
    expect(gateway.judged().sentence).to.contain('1 request waits, by now for 40 s');
  });

  it('becomes a page where clients give up sooner, and others wait in their place', () => {
    gateway.state = { silent: [wait(5, 35_000)] };
    expect(gateway.judged().level).to.equal('warn');
    gateway.wait(30);
    const { level, sentence } = gateway.judged();
    expect(level).to.equal('page');
    expect(sentence).to.contain(`gpt-4: no answer since 11:59${OFFSET}, `).and.contain('the first for 35 s');
  });

  it('is told while the alert still waits, and no more where requests fail now', () => {
    gateway.count('failed', 'gpt-4', 5);
    gateway.state = { silent: [wait(9, 90_000)] };
    expect(gateway.judged().sentence).to.contain('gpt-4: no answer');
    const recent = { model: 'gpt-4', failed: 5, answered: 0, answeredSince: 0, isOver: false };
    gateway.state = { ...gateway.state, recent: [{ ...recent, sinceMs: NOON_MS, provider: 'openai' }] };
    expect(gateway.judged().findings.map((each) => each.sentence.split(' since')[0])).to.deep.equal([
      'gpt-4: 100 % of requests fail',
    ]);
  });

  it('does not go on from failures that answers have followed', () => {
    gateway.count('failed', 'gpt-4', 20);
    gateway.state = { alive: new Set(['gpt-4']) };
    gateway.judged();
    gateway.wait(200);
    expect(gateway.judged().sentence).to.contain('hardly any now');
    gateway.state = { silent: [wait(5, 40_000)] };
    expect(gateway.judged().sentence).to.contain(`gpt-4: no answer since 12:02${OFFSET}, `);
  });

  it('names all providers that a model waits for', () => {
    gateway.state = { silent: [wait(1, 70_000), wait(9, 60_000, 'anthropic')] };
    expect(gateway.judged().sentence).to.contain('providers anthropic and openai answer nothing: 10 requests wait');
  });

  it('is told of the provider alone where another target answers, and not while it answers itself', () => {
    gateway.state = { silent: [wait(7, 87_400)] };
    gateway.count('answered', 'gpt-4', 1);
    const { level, sentence, findings } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `openai answers nothing since 11:58${OFFSET}: 7 requests wait, the first for 87 s`,
    ]);
    expect(findings[0]).to.include({ alert: 'HeadgateProviderTimesOut', provider: 'openai' });
    gateway.count('ended', endOf('openai', 'success'), 1);
    expect(gateway.judged().level).to.equal('well');
  });

  it('sees a model alive that has begun to answer', () => {
    gateway.state = { silent: [wait(7, 87_400)], alive: new Set(['gpt-4']) };
    expect(gateway.judged().findings.map(({ alert }) => alert)).to.deep.equal(['HeadgateProviderTimesOut']);
  });

  it('is one finding of a model, the worse of failures and silence', () => {
    const runs = [{ model: 'gpt-4', failures: 2, sinceMs: NOON_MS, provider: 'openai' }];
    gateway.state = { runs, silent: [wait(2, 40_000)] };
    gateway.judged();
    gateway.wait(10);
    expect(gateway.judged().findings.map((each) => each.sentence.split(' since')[0])).to.deep.equal([
      'gpt-4: all of the last 2 requests failed',
    ]);
    gateway.state = { runs, silent: [wait(9, 90_000)] };
    expect(gateway.judged().findings.map((each) => each.sentence.split(' since')[0])).to.deep.equal([
      'gpt-4: no answer',
    ]);
  });
});
