import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type LeftOut, leftOutCure, leftOutInWords, leftOutText } from '../../../src/shared/left-out.ts';

const mixed: readonly LeftOut[] = [
  { provider: 'openai', reason: 'circuit', remainingMs: 11_200 },
  { provider: 'anthropic', reason: 'auth', remainingMs: 40_000 },
];

describe('why targets are left out', () => {
  it('is said of each, in words and in short', () => {
    expect(leftOutInWords(mixed)).to.equal(
      "openai (circuit open for 12 s more), anthropic (refuses the gateway's key, asked again in 40 s)",
    );
    expect(leftOutText(mixed)).to.equal('openai=circuit-open(12s), anthropic=key-refused(40s)');
  });

  it('is said once of a provider whose targets have the same reason, with the shortest time', () => {
    const both: LeftOut[] = [
      { provider: 'openai', reason: 'rate_limited', remainingMs: 9_000 },
      { provider: 'openai', reason: 'rate_limited', remainingMs: 4_000 },
      { provider: 'openai', reason: 'model', remainingMs: 4_000 },
    ];
    expect(leftOutText(both)).to.equal('openai=rate-limited(4s), openai=no-such-model(4s)');
  });

  it('has a cure for each, and one that stays for those that no time heals', () => {
    const cure = leftOutCure(leftOutText(mixed), true);
    expect(cure).to.match(
      /^openai: look at the failures .*`headgate circuit reset openai`; anthropic: check its key .*\.$/,
    );
    expect(leftOutCure(leftOutText(mixed), false)).to.match(/^anthropic: check its key/);
    expect(leftOutCure('openai=circuit-open(1s)', false)).to.equal(null);
    expect(leftOutCure('', true)).to.equal(null);
    for (const reason of ['circuit', 'probe', 'rate_limited', 'quota', 'auth', 'model'] as const) {
      const text = leftOutText([{ provider: 'a.b-c', reason, remainingMs: 0 }]);
      expect(leftOutCure(text, true), reason).to.match(/^a\.b-c: [^\n]{20,140}\.$/);
    }
  });
});
