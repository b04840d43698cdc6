import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { TargetConfig } from '../../../../src/shared/config.ts';
import {
  clientTimeoutMs,
  isClientRetry,
  isHurriedByClient,
  timeLimitMs,
} from '../../../../src/worker/request/client-deadline.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const [target] = testConfig({ openai: 1, timeouts: { totalMs: 600_000 } }).models['gpt-4']?.targets ?? [];

const limitOf = (theirs: number | null, kind: 'unsent' | 'opened' = 'unsent') =>
  timeLimitMs({ clientTimeoutMs: theirs, reply: { kind } }, target as TargetConfig);
const isHurried = (theirs: number | null, kind: 'unsent' | 'opened' = 'unsent') =>
  isHurriedByClient({ clientTimeoutMs: theirs, reply: { kind } }, target as TargetConfig);

describe("the client's timeout", () => {
  it('is the shortest that its headers say, in seconds', () => {
    expect(clientTimeoutMs({})).to.equal(null);
    expect(clientTimeoutMs({ 'x-stainless-timeout': '600' })).to.equal(600_000);
    expect(clientTimeoutMs({ 'x-stainless-read-timeout': '0.5' })).to.equal(500);
    expect(clientTimeoutMs({ 'x-stainless-timeout': '2', 'x-stainless-read-timeout': '3' })).to.equal(2_000);
  });

  it('is none where it is no number, or nothing is left of it', () => {
    for (const value of ['', '0', '0.0', '-1', '+1', '1e3', '0x10', 'Infinity', 'NaN', ' 1', '1, 2', '9'.repeat(10)]) {
      expect(clientTimeoutMs({ 'x-stainless-timeout': value }), value).to.equal(null);
    }
  });

  it("bounds the request's time, with a tenth left to read the answer, at most half a second", () => {
    expect(limitOf(1_000)).to.equal(900);
    expect(limitOf(60_000)).to.equal(59_500);
    expect(limitOf(600_000)).to.equal(599_500);
    expect(limitOf(900_000)).to.equal(600_000);
    expect(limitOf(null)).to.equal(600_000);
  });

  it("is the client's alone where it is shorter than the gateway's, and over once the answer is begun", () => {
    expect([isHurried(599_000), isHurried(600_000), isHurried(null)]).to.deep.equal([true, false, false]);
    expect([isHurried(1_000, 'opened'), limitOf(1_000, 'opened')]).to.deep.equal([false, 600_000]);
  });
});

describe('a retry of the client', () => {
  it('is told by a number above 0', () => {
    const isRetry = (value: string) => isClientRetry({ 'x-stainless-retry-count': value });
    expect(['1', '2', '10'].every(isRetry)).to.equal(true);
    expect(['0', '', '-1', '1.5', 'one', '99999'].some(isRetry)).to.equal(false);
    expect(isClientRetry({})).to.equal(false);
  });
});
