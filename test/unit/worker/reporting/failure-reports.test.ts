import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import {
  isFailureReport,
  MOST_LEFT,
  MOST_NAME,
  MOST_TRAIL,
  readFailuresLeft,
} from '../../../../src/shared/failure-report.ts';
import type { WorkerMessage } from '../../../../src/shared/ipc.ts';
import { FailureReports } from '../../../../src/worker/reporting/failure-reports.ts';
import type { RequestLine } from '../../../../src/worker/reporting/request-line.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

const failed: RequestLine = {
  id: 'r-1',
  model: 'fast',
  provider: 'openai',
  providerKey: 'one',
  upstreamModel: 'what the client wrote for the star',
  upstreamRequestId: 'u-1',
  outcome: 'error',
  status: 502,
  stream: true,
  durationMs: 12.3,
  firstContentMs: 4,
  attempts: 'openai=500(3ms)',
  inputTokens: 3,
  outputTokens: 4,
  owner: 'provider',
  code: 'provider_error',
  cause: 'ECONNRESET',
};
const place = { endpoint: 'chat_completions', configuredModel: '*' } as const;

type Sent = Extract<WorkerMessage, { type: 'failures' }>;

describe('reports of failed requests', () => {
  let clock: ManualClock;
  let sent: Sent[];
  let delivered: (() => void)[];
  let reports: FailureReports;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    delivered = [];
    const send = (message: Sent, done: () => void) => {
      sent.push(message);
      delivered.push(done);
    };
    reports = new FailureReports({ send, worker: 0, clock });
  });

  /** Lets time pass; each message is in the pipe at once. */
  function pass(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      clock.advance(10);
      for (const done of delivered.splice(0)) done();
    }
  }

  const add = (times = 1, line = failed) => {
    for (let count = 0; count < times; count += 1) reports.add(line, place);
  };
  const count = () => sent.reduce((sum, { failures }) => sum + failures.length, 0);
  const withheld = () => sent.reduce((sum, message) => sum + message.withheld, 0);

  it('say what the log says, but never the client’s text that stands for a star', () => {
    add();
    pass(10);
    expect(sent).to.deep.equal([
      {
        type: 'failures',
        withheld: 0,
        failures: [
          {
            ...{
              atMs: clock.wallMs() - 10,
              id: 'r-1',
              endpoint: 'chat_completions',
              model: 'fast',
              provider: 'openai',
            },
            ...{ upstreamModel: '*', key: 'one', status: 502, stream: true, code: 'provider_error' },
            ...{ cause: 'ECONNRESET', trail: 'openai=500(3ms)', upstreamRequestId: 'u-1', durationMs: 12.3 },
          },
        ],
      },
    ]);
  });

  it('are none of a success, nor of a client that has left', () => {
    add(1, { ...failed, outcome: 'success', owner: null, code: null, cause: null });
    add(1, { ...failed, outcome: 'client_gone', owner: null, code: null, cause: null });
    pass(1_000);
    expect(sent).to.deep.equal([]);
  });

  it('are always what the primary takes, however long names are and whatever a library calls a cause', () => {
    const long = 'n'.repeat(5_000);
    add(1, { ...failed, id: long, model: long, provider: long, providerKey: long, attempts: long, cause: 'a text' });
    pass(10);
    const [report] = sent[0]?.failures ?? [];
    expect(isFailureReport(report)).to.equal(true);
    expect(report?.cause).to.equal(null);
    expect(report?.id).to.have.length(MOST_NAME);
    expect(report?.trail).to.have.length(MOST_TRAIL);
  });

  it('come in at most five messages a second, with some tens of requests, and count the rest', () => {
    for (let turn = 0; turn < 500; turn += 1) {
      add(10);
      pass(10);
    }
    pass(1_000);
    expect(sent.length).to.be.within(20, 27);
    expect(count()).to.be.within(100, 125);
    expect(count() + withheld()).to.equal(5_000);
  });

  it('tell what was withheld also when no failure follows', () => {
    add(25);
    pass(10);
    expect([count(), withheld()]).to.deep.equal([20, 5]);
    add(3);
    pass(400);
    expect([count(), withheld()]).to.deep.equal([20, 8]);
  });

  it('of a rare kind are told in the flood of another one, and left for the next primary', () => {
    const rare = { ...failed, id: 'rare', provider: 'anthropic' };
    const wasTold = () => sent.some(({ failures }) => failures.some(({ id }) => id === 'rare'));
    add(500);
    add(1, rare);
    pass(10);
    expect(wasTold()).to.equal(true);
    for (let second = 0; second < 10; second += 1) {
      add(500);
      pass(1_000);
    }
    expect(count() + withheld()).to.equal(5_501);
    reports.disconnected();
    add(500);
    expect(reports.left().failures).to.have.length(MOST_LEFT);
    expect(reports.left().failures[0]?.id).to.equal('rare');
    expect(reports.left().withheld).to.equal(500 - (MOST_LEFT - 1));
  });

  it('wait for a primary that does not read, within bounds, and never have two messages under way', () => {
    add(1);
    clock.advance(10);
    for (let second = 0; second < 3_600; second += 1) {
      add(100);
      clock.advance(1_000);
    }
    expect(sent).to.have.length(1);
    delivered[0]?.();
    pass(1_000);
    expect(sent).to.have.length(2);
    expect(sent[1]?.failures).to.have.length(20);
    expect(count() + withheld()).to.equal(360_001);
  });

  it('are not sent when the primary is gone, but left for the next one', async () => {
    add(5);
    reports.disconnected();
    add(5);
    await reports.close();
    pass(10_000);
    expect(sent).to.deep.equal([]);
    expect(reports.left()).to.include({ worker: 0, withheld: 0 });
    expect(reports.left().failures).to.have.length(10);
    expect(readFailuresLeft(JSON.parse(JSON.stringify(reports.left())))).to.deep.equal(reports.left());
  });

  it('are left with those that the dead primary may not have read, the last 50, and how many more there were', () => {
    add(3);
    pass(10);
    expect(count()).to.equal(3);
    reports.disconnected();
    add(40);
    expect(reports.left().failures).to.have.length(43);
    add(30);
    expect(reports.left().failures).to.have.length(MOST_LEFT);
    expect(reports.left().withheld).to.equal(70 - MOST_LEFT);
  });

  it('that were withheld and not told yet are counted in what is left', () => {
    add(25);
    reports.disconnected();
    add(40);
    expect(reports.left().withheld).to.equal(5 + 60 - MOST_LEFT);
  });

  it('are sent before the worker ends, which waits for the pipe a second at most', async () => {
    add(2);
    const closed = reports.close();
    expect(count()).to.equal(2);
    delivered[0]?.();
    await closed;
    add(1);
    const late = reports.close();
    clock.advance(1_000);
    await late;
    expect(count()).to.equal(3);
  });
});
