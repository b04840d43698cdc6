import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { ModelConfig } from '../../../../src/shared/config.ts';
import { Session, sessionKeyOf } from '../../../../src/worker/request/session.ts';
import { testModel } from '../../../helpers/test-config.ts';

type Hints = Partial<Parameters<typeof sessionKeyOf>[0]>;

const key = (hints: Hints, model: Partial<ModelConfig> = {}) =>
  sessionKeyOf({ headers: {}, configured: null, promptCacheKey: null, ...hints }, testModel('m', [], model));

describe('the session of a request', () => {
  it("is the first that is named: by an agent's header, by the configured one, by the key of the prompt's cache", () => {
    const headers: Record<string, string> = { 'x-mine': 'configured' };
    const hints = { headers, configured: 'x-mine', promptCacheKey: 'cached' };
    expect(key({ promptCacheKey: 'cached' })).to.equal('cached');
    expect(key(hints)).to.equal('configured');
    for (const name of ['session_id', 'thread-id', 'session-id', 'x-claude-code-session-id']) {
      headers[name] = name;
      expect(key(hints)).to.equal(name);
    }
  });

  it('is none where nothing names it, or only what is empty or too long', () => {
    expect(key({})).to.equal(null);
    expect(key({ headers: { 'session-id': '', 'thread-id': 'x'.repeat(1_025) } })).to.equal(null);
    expect(key({ headers: { 'session-id': '' }, promptCacheKey: 'cached' })).to.equal('cached');
  });

  it("is not the key of the prompt's cache where targets are balanced, unless that is chosen", () => {
    for (const balance of ['weighted', 'latency', 'load'] as const) {
      expect(key({ promptCacheKey: 'cached' }, { balance })).to.equal(null);
      expect(key({ promptCacheKey: 'cached' }, { balance, sessions: 'all' })).to.equal('cached');
      expect(key({ headers: { 'session-id': 'one' } }, { balance })).to.equal('one');
    }
  });

  it('is none where the model keeps none', () => {
    expect(key({ headers: { 'session-id': 'one' }, promptCacheKey: 'cached' }, { sessions: 'off' })).to.equal(null);
  });

  it('is heavy with 16 KB, or with reasoning that one account alone can read', () => {
    const isHeavy = (text: string) =>
      new Session('any', { bytes: Buffer.from(text), alsoHold: () => undefined, release: () => undefined }).isHeavy;
    expect(isHeavy('x'.repeat(16 * 1024 - 1))).to.equal(false);
    expect(isHeavy('x'.repeat(16 * 1024))).to.equal(true);
    expect(isHeavy('{"type":"thinking","thinking":"","signature":"s"}')).to.equal(true);
    expect(isHeavy('{"type":"reasoning","encrypted_content":"s"}')).to.equal(true);
    // What a user writes is escaped.
    expect(isHeavy(JSON.stringify({ content: 'the "signature" of a function' }))).to.equal(false);
  });
});
