import { expect } from 'chai';
import { describe, it } from 'mocha';
import { silentProviders } from '../../../../src/worker/request/silent-providers.ts';

const waiting = (provider: string, ms: number) => ({ silence: { provider, ms } });

describe('silent providers', () => {
  it('are those for which a request has waited for half a minute, with how many and how long', () => {
    const open = [
      waiting('a', 29_999),
      waiting('a', 30_000),
      waiting('a', 41_000.4),
      waiting('b', 5),
      { silence: null },
    ];
    expect(silentProviders(open)).to.deep.equal([{ provider: 'a', requests: 2, longestMs: 41_000 }]);
  });
});
