import { expect } from 'chai';
import { describe, it } from 'mocha';
import { cooldownLengthMs, MAX_RETRY_AFTER_MS } from '../../../../src/shared/circuits/cooldown-length.ts';

describe('the length of a cooldown', () => {
  it('is the Retry-After of the provider', () => {
    expect(cooldownLengthMs({ reason: 'rate_limited', retryAfterMs: 7_000 }, 4)).to.equal(7_000);
  });

  it('doubles from one second to thirty if the provider sends no Retry-After', () => {
    const lengths = [1, 2, 3, 4, 5, 6, 7, 5_000].map((streak) =>
      cooldownLengthMs({ reason: 'rate_limited', retryAfterMs: null }, streak),
    );
    expect(lengths).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('treats a Retry-After of 0 or less as missing', () => {
    expect(cooldownLengthMs({ reason: 'rate_limited', retryAfterMs: 0 }, 1)).to.equal(1_000);
    expect(cooldownLengthMs({ reason: 'rate_limited', retryAfterMs: -5 }, 1)).to.equal(1_000);
  });

  it('is five minutes for a quota and one for a key, or a longer Retry-After', () => {
    expect(cooldownLengthMs({ reason: 'quota', retryAfterMs: 1_000 }, 1)).to.equal(300_000);
    expect(cooldownLengthMs({ reason: 'quota', retryAfterMs: 400_000 }, 1)).to.equal(400_000);
    expect(cooldownLengthMs({ reason: 'auth', retryAfterMs: null }, 9)).to.equal(60_000);
  });

  it('cuts Retry-After to an hour', () => {
    expect(cooldownLengthMs({ reason: 'rate_limited', retryAfterMs: 1e12 }, 1)).to.equal(MAX_RETRY_AFTER_MS);
  });
});
