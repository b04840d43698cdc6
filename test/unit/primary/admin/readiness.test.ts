import { expect } from 'chai';
import { describe, it } from 'mocha';
import { judgeReadiness } from '../../../../src/primary/admin/readiness.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const slot = (index: number, ready: boolean, crashLooping = false) => ({ index, ready, crashLooping });

const noCertificates = { certificates: [], wallMs: 0 };
const noTrouble = { credentials: [], models: {}, ...noCertificates };

describe('readiness', () => {
  it('begins when all slots have been ready', () => {
    expect(judgeReadiness({ ...noTrouble, started: false, stopping: false, slots: [slot(0, true)] }).ready).to.equal(
      false,
    );
    expect(judgeReadiness({ ...noTrouble, started: true, stopping: false, slots: [slot(0, true)] }).ready).to.equal(
      true,
    );
  });

  it('continues while one slot is between two workers', () => {
    const slots = [slot(0, true), slot(1, false)];
    expect(judgeReadiness({ ...noTrouble, started: true, stopping: false, slots }).ready).to.equal(true);
  });

  it('ends without a ready worker, in a crash loop and at a stop', () => {
    const reasonOf = (slots: ReturnType<typeof slot>[], stopping = false) =>
      judgeReadiness({ ...noTrouble, started: true, stopping, slots }).reason;
    expect(reasonOf([slot(0, false)])).to.equal('no worker is ready');
    expect(reasonOf([slot(0, true), slot(1, true, true)])).to.equal('workers keep dying in slot 1');
    expect(reasonOf([slot(0, true)], true)).to.equal('stopping');
  });
});

describe('readiness without credentials', () => {
  const { models } = testConfig({ openai: 1, anthropic: 2 });
  const judged = (...lacking: readonly string[]) => {
    const credentials = ['openai', 'anthropic'].map((provider) => ({ provider, usable: !lacking.includes(provider) }));
    const slots = [slot(0, true)];
    return judgeReadiness({ started: true, stopping: false, slots, credentials, models, ...noCertificates });
  };

  it('ends when no target has any, and else only names the problem', () => {
    expect(judged()).to.deep.equal({ ready: true, reason: null });
    const problem = (provider: string) => `there are no valid credentials of provider ${provider}: see the status`;
    expect(judged('openai')).to.deep.equal({ ready: true, reason: null, problems: [problem('openai')] });
    expect(judged('openai', 'anthropic')).to.deep.equal({
      ready: false,
      reason: 'no target has credentials',
      problems: [problem('openai'), problem('anthropic')],
    });
  });
});

describe('readiness with certificates', () => {
  const wallMs = Date.UTC(2026, 0, 1);
  const dayMs = 86_400_000;
  const judged = (expiresAtMs: number, problem: string | null = null) =>
    judgeReadiness({
      ...noTrouble,
      ...{ started: true, stopping: false, slots: [slot(0, true)], wallMs },
      certificates: [{ port: 'gateway', expiresAtMs, problem }],
    });

  it('stays, and names those that expire within a week, that have expired, or that were not renewed', () => {
    expect(judged(wallMs + 8 * dayMs)).to.deep.equal({ ready: true, reason: null });
    expect(judged(wallMs + dayMs).problems).to.deep.equal([
      'the certificate of the gateway port expires at 2026-01-02T00:00:00.000Z',
    ]);
    expect(judged(wallMs - dayMs)).to.deep.equal({
      ready: true,
      reason: null,
      problems: [
        'the certificate of the gateway port has expired at 2025-12-31T00:00:00.000Z: put a new one in its place',
      ],
    });
    expect(judged(wallMs + 30 * dayMs, 'should be X, got Y').problems).to.deep.equal([
      'the certificate of the gateway port was not renewed: its file should be X, got Y',
    ]);
  });
});
