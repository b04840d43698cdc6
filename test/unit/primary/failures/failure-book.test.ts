import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { describeFailure } from '../../../../src/primary/failures/failure.ts';
import { FailureBook, type FailureShown } from '../../../../src/primary/failures/failure-book.ts';
import { FailureQueryError, failureQuery } from '../../../../src/primary/failures/failure-query.ts';
import { readFailures, writeFailures } from '../../../../src/primary/failures/kept-failures.ts';
import { errorCures } from '../../../../src/shared/error-cures.ts';
import { errorTable } from '../../../../src/shared/errors.ts';
import type { FailureReport } from '../../../../src/shared/failure-report.ts';
import { failureReport } from '../../../helpers/failure-reports.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

describe('the book of failures', () => {
  let clock: ManualClock;
  let shown: FailureShown[];
  let book: FailureBook;

  beforeEach(() => {
    clock = new ManualClock();
    shown = [];
    book = new FailureBook({ publish: (failure) => shown.push(failure), clock });
  });

  const ids = (asked: Record<string, string> = {}) => book.read(failureQuery(asked)).failures.map(({ id }) => id);

  it('adds to a report whose fault it is, what the code means and what to do', () => {
    book.take(3, [failureReport({ code: 'provider_auth', cause: 'ECONNRESET' })], 0);
    const { atMs, ...report } = failureReport({ code: 'provider_auth', cause: 'ECONNRESET' });
    const failure = {
      ...report,
      at: new Date(atMs).toISOString(),
      worker: 3,
      owner: 'gateway',
      providers: ['openai'],
      message: errorTable.provider_auth.meaning,
      operator: 'the key of openai',
      cure: errorCures.provider_auth,
    };
    expect(book.read(failureQuery({}))).to.deep.equal({ failures: [failure], withheld: 0 });
    expect(shown).to.deep.equal([{ type: 'failure', ...failure, withheld: 0 }]);
  });

  it('says what to do about each target that was left out', () => {
    const leftOut = 'openai=circuit-open(12s), anthropic=key-refused(40s)';
    book.take(0, [failureReport({ code: 'circuit_open', trail: '', leftOut })], 0);
    book.take(0, [failureReport({ code: 'provider_error', trail: 'openai=500(3ms)', leftOut })], 0);
    const cures = shown.map(({ cure }) => cure);
    expect(cures[0]).to.match(/^openai: .*; anthropic: check its key/);
    expect(cures[1]).to.match(/^Look at the provider's status page.* Left out: anthropic: check its key[^;]*$/);
  });

  it('says what of the configuration is wrong, and of which provider', () => {
    const partOf = (fields: Partial<FailureReport>) => describeFailure(failureReport(fields), 0).operator;
    expect(partOf({ code: 'model_unavailable' })).to.equal('the model of the target at openai');
    expect(partOf({ code: 'provider_auth', provider: 'unknown', trail: '' })).to.equal(
      "the key of the model's providers",
    );
    const leftOut = 'azure=key-refused(4s)';
    expect(partOf({ code: 'provider_auth', provider: 'unknown', trail: '', leftOut })).to.equal('the key of azure');
    const trail = 'openai=client-certificate(3ms)';
    expect(partOf({ code: 'provider_auth', trail })).to.equal('tls.cert and tls.key of openai');
    expect(partOf({ code: 'provider_error' })).to.equal(null);
  });

  it('says of a connection that was not made what helps against that', () => {
    const trail = 'openai=certificate-expired(8ms)';
    book.take(0, [failureReport({ code: 'provider_unreachable', cause: 'CERT_HAS_EXPIRED', trail })], 0);
    expect(book.read(failureQuery({})).failures[0]?.cure).to.equal(
      "Have openai's owner renew the certificate, if the clock of this host is right.",
    );
  });

  it('keeps the last 200, the newest first, though workers send them late', () => {
    for (let count = 0; count < 500; count += 1)
      book.take(0, [failureReport({ id: `a-${count}`, atMs: count * 10 })], 0);
    book.take(1, [failureReport({ id: 'late', atMs: 4_985 })], 4_000);
    const all = ids();
    expect(all).to.have.length(200);
    expect(all.slice(0, 3)).to.deep.equal(['a-499', 'late', 'a-498']);
    expect(book.read(failureQuery({})).withheld).to.equal(4_000);
  });

  it('keeps the cause that the failures after it follow from, and what is rare beside the flood of one client', () => {
    const cause = failureReport({ id: 'cause', atMs: 1_000 });
    const rare = failureReport({ id: 'rare', atMs: 1_001, model: 'large', provider: 'anthropic' });
    book.take(0, [cause, rare], 0);
    for (let count = 0; count < 500; count += 1) {
      const atMs = 2_000 + count;
      const none = { provider: 'unknown', upstreamModel: null, trail: '' };
      book.take(0, [failureReport({ id: `f-${count}`, atMs, ...none, code: 'circuit_open' })], 0);
      book.take(0, [failureReport({ id: `c-${count}`, atMs, ...none, model: 'other', code: 'missing_parameter' })], 0);
    }
    expect(ids()).to.have.length(200).and.include.members(['cause', 'rare', 'f-499', 'c-499']);
    expect(ids({ provider: 'anthropic' })).to.deep.equal(['rare']);
    expect(ids({ code: 'circuit_open' })).to.have.length(99);
    const next = new FailureBook({ publish: () => undefined, clock });
    next.restore(book.kept());
    expect(next.read(failureQuery({}))).to.deep.equal(book.read(failureQuery({})));
  });

  it('tells watchers of a rare kind in the flood of another one', () => {
    const flood = Array.from({ length: 100 }, () => failureReport());
    book.take(0, [...flood, failureReport({ id: 'rare', code: 'provider_auth' })], 0);
    expect(shown.at(-1)).to.include({ id: 'rare', withheld: 80 });
  });

  it('takes what a worker without a primary has left once, however often it is told', () => {
    const first = failureReport({ id: '1', atMs: 1_000 });
    const second = failureReport({ id: '2', atMs: 2_000 });
    book.take(4, [first], 0);
    book.takeLeft('w', { worker: 4, failures: [first, second], withheld: 3 });
    book.takeLeft('w', { worker: 4, failures: [first, second, failureReport({ id: '3', atMs: 3_000 })], withheld: 5 });
    expect(ids()).to.deep.equal(['3', '2', '1']);
    expect(book.read(failureQuery({})).withheld).to.equal(5);
    expect(shown).to.have.length(3);
  });

  it('puts what is told late in its place, and takes nothing that is older than the 200', () => {
    for (let count = 0; count < 200; count += 1)
      book.take(0, [failureReport({ id: `n-${count}`, atMs: 1_000 + count })], 0);
    book.takeLeft('w', { worker: 1, failures: [failureReport({ id: 'old', atMs: 999 })], withheld: 0 });
    book.takeLeft('w', { worker: 1, failures: [failureReport({ id: 'between', atMs: 1_198 })], withheld: 0 });
    expect(ids()).to.have.length(200).and.not.include('old').and.not.include('n-0');
    expect(ids().slice(0, 3)).to.deep.equal(['n-199', 'between', 'n-198']);
  });

  it('goes on from what a former one has kept, and counts what was withheld once', () => {
    const atMs = clock.wallMs();
    book.take(0, [failureReport({ id: 'known', atMs: atMs - 1_000 })], 7);
    book.takeLeft('w', { worker: 1, failures: [failureReport({ id: 'left', atMs })], withheld: 5 });
    const kept = readFailures(writeFailures(book.kept()));
    const next = new FailureBook({ publish: () => expect.fail('nobody is told again'), clock });
    if (kept === null) return expect.fail('what was written cannot be read');
    next.restore(kept);
    next.takeLeft('w', { worker: 1, failures: [failureReport({ id: 'left', atMs })], withheld: 5 });
    expect(next.read(failureQuery({}))).to.deep.equal(book.read(failureQuery({})));
    expect(next.kinds()).to.have.length(1).and.deep.equal(book.kinds());

    const late = new FailureBook({ publish: () => undefined, clock });
    late.takeLeft('w', { worker: 1, failures: [failureReport({ id: 'left', atMs })], withheld: 6 });
    late.restore(kept);
    expect(late.read(failureQuery({})).withheld).to.equal(7 + 6);
    expect(late.read(failureQuery({})).failures).to.have.length(2);
  });

  it('gives those that are asked for', () => {
    book.take(
      0,
      [
        failureReport({ id: '1', model: 'fast', provider: 'openai' }),
        failureReport({ id: '2', model: 'fast', provider: 'azure', code: 'provider_timeout' }),
        failureReport({ id: '3', model: 'large', provider: 'azure', code: 'provider_auth' }),
      ],
      0,
    );
    expect(ids({ model: 'fast' })).to.have.members(['1', '2']);
    expect(ids({ provider: 'azure' })).to.have.members(['2', '3']);
    expect(ids({ owner: 'gateway' })).to.deep.equal(['3']);
    expect(ids({ code: 'provider_timeout' })).to.deep.equal(['2']);
    expect(ids({ model: 'large', code: 'provider_timeout' })).to.deep.equal([]);
    expect(ids({ limit: '1' })).to.have.length(1);
  });

  it('puts down what no provider was asked for to those that were left out', () => {
    const leftOut = 'azure=circuit-open(12s), openai=rate-limited(3s), azure=no-such-model(4s)';
    const none = { provider: 'unknown', upstreamModel: null, trail: '' };
    book.take(
      0,
      [
        failureReport({ id: '1', ...none, code: 'circuit_open', leftOut }),
        failureReport({ id: '2', ...none, code: 'model_not_found' }),
        failureReport({ id: '3', provider: 'anthropic', trail: 'anthropic=500(3ms)', leftOut }),
      ],
      0,
    );
    expect(book.read(failureQuery({ provider: 'azure' })).failures[0]?.providers).to.deep.equal(['azure', 'openai']);
    expect(ids({ provider: 'azure' })).to.deep.equal(['1']);
    expect(ids({ provider: 'openai', code: 'circuit_open' })).to.deep.equal(['1']);
    expect(ids({ provider: 'anthropic' })).to.deep.equal(['3']);
    expect(ids({ provider: 'unknown' })).to.have.members(['1', '2']);
  });

  it('keeps a refused key beside what follows from it, of the same code', () => {
    book.take(0, [failureReport({ id: 'cause', code: 'provider_auth', trail: 'openai=401(3ms)', atMs: 1_000 })], 0);
    for (let count = 0; count < 300; count += 1) {
      const leftOut = `openai=key-refused(${300 - count}s)`;
      const none = { provider: 'unknown', upstreamModel: null, trail: '', leftOut };
      book.take(0, [failureReport({ id: `f-${count}`, code: 'provider_auth', ...none, atMs: 2_000 + count })], 0);
    }
    expect(ids({ provider: 'openai' }))
      .to.have.length(200)
      .and.include('cause');
  });

  it('tells watchers of some each second, and how many they did not get', () => {
    for (let second = 0; second < 10; second += 1) {
      book.take(
        0,
        Array.from({ length: 100 }, () => failureReport()),
        7,
      );
      clock.advance(1_000);
    }
    expect(shown).to.have.length(20 + 9 * 10);
    clock.advance(1_000);
    book.take(0, [failureReport()], 0);
    expect(shown.length + shown.reduce((sum, { withheld }) => sum + withheld, 0)).to.equal(1_001 + 70);
  });

  it('knows a cure for each code, in one sentence', () => {
    for (const [code, cure] of Object.entries(errorCures)) {
      expect(cure, code).to.match(/^[A-Z][^\n]{8,140}\.$/);
    }
  });
});

describe('a query for failures', () => {
  it('asks for all that are kept without parameters', () => {
    expect(failureQuery({})).to.deep.equal({ limit: 200 });
  });

  it('is refused by the name of the parameter that cannot be read', () => {
    const wrong: readonly [Record<string, unknown>, string][] = [
      [{ limit: '0' }, 'limit should be a number from 1 to 200, got "0"'],
      [{ limit: '1e2' }, 'limit should be a number from 1 to 200, got "1e2"'],
      [{ owner: 'me' }, 'owner should be one of client, policy, provider, gateway, got "me"'],
      [{ model: ['a', 'b'] }, 'model should be one name, got ["a","b"]'],
      [{ provider: '' }, 'provider should be one name, got ""'],
      [{ colour: 'red' }, 'colour is no parameter; there are model, provider, owner, code, limit'],
    ];
    for (const [asked, message] of wrong) {
      expect(() => failureQuery(asked)).to.throw(FailureQueryError, message);
    }
    expect(() => failureQuery({ code: 'toString' })).to.throw(
      FailureQueryError,
      /^code should be one of invalid_json, /,
    );
  });
});
