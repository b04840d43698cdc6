/** A provider's `x-should-retry: false`. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { planeFixture } from './plane-fixture.ts';

describe('a provider that says that trying again is in vain', () => {
  const { mock, start, close } = planeFixture();

  afterEach(close);

  for (const status of [500, 503, 529, 408, 429]) {
    it(`is asked once with a ${status}, and its answer goes on to the client`, async () => {
      const openai = await mock('openai');
      openai.control.setFault({ kind: 'status', status, headers: { 'x-should-retry': 'false' } });
      const { ask, count } = await start({ openai: openai.port });
      expect((await ask()).status).to.be.oneOf([429, 502]);
      expect([count({ type: 'attempt-ended' }), count({ type: 'retry' })]).to.deep.equal([1, 0]);
    });
  }

  it('leaves the request to the next provider', async () => {
    const openai = await mock('openai');
    const anthropic = await mock('anthropic');
    openai.control.setFault({ kind: 'status', status: 500, headers: { 'x-should-retry': 'false' } });
    const { ask, count } = await start({ openai: openai.port, anthropic: anthropic.port });
    expect((await ask()).headers.get('x-headgate-attempts')).to.match(/^openai=500\(\d+ms\), anthropic=200$/);
    expect([count({ type: 'retry' }), count({ type: 'failover' })]).to.deep.equal([0, 1]);
  });

  it('is asked again where it says nothing, or the contrary', async () => {
    for (const headers of [{}, { 'x-should-retry': 'true' }]) {
      const openai = await mock('openai');
      openai.control.setFault({ kind: 'status', status: 500, headers, times: 1 });
      const { ask, count } = await start({ openai: openai.port });
      expect((await ask()).status).to.equal(200);
      expect(count({ type: 'retry' })).to.equal(1);
    }
  });
});
