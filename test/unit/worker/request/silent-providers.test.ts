import { expect } from 'chai';
import { describe, it } from 'mocha';
import { silentProviders } from '../../../../src/worker/request/silent-providers.ts';

const waiting = (provider: string, ms: number, model = 'm') => ({ silence: { provider, model, ms } });

describe('silent providers', () => {
  it('are those for which a request has waited for half a minute, with the model, how many and how long', () => {
    const open = [
      waiting('a', 29_999),
      waiting('a', 30_000),
      waiting('a', 41_000.4),
      waiting('a', 31_000, 'n'),
      waiting('b', 5),
      { silence: null },
    ];
    expect(silentProviders(open)).to.deep.equal([
      { provider: 'a', model: 'm', requests: 2, longestMs: 41_000 },
      { provider: 'a', model: 'n', requests: 1, longestMs: 31_000 },
    ]);
  });
});
