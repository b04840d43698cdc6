/** By which way credentials are fetched. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openTools } from '../../../../../src/providers/credentials/refresh/open-tools.ts';
import { systemClock } from '../../../../../src/shared/clock.ts';
import { oneProxy } from '../../../../../src/shared/egress/proxy-rules.ts';
import { type RunningProxy, startProxy } from '../../../../helpers/proxy.ts';
import { TokenEndpoints } from '../../../../helpers/token-endpoints.ts';

describe('a request for credentials', () => {
  let endpoints: TokenEndpoints;
  let proxy: RunningProxy;

  beforeEach(async () => {
    [endpoints, proxy] = await Promise.all([TokenEndpoints.start(), startProxy()]);
  });

  afterEach(async () => {
    endpoints.stop();
    await proxy.close();
  });

  it('goes through the proxy of its provider', async () => {
    const { ask } = openTools(() => systemClock.wallMs(), oneProxy(proxy.url));
    const { status } = await ask({ method: 'POST', url: `${endpoints.origin}/token`, form: { grant_type: 'x' } });
    expect(status).to.equal(200);
    expect(proxy.asked).to.have.lengthOf(1);
    expect(proxy.asked[0]).to.contain(endpoints.origin.replace('http://', ''));
    expect(endpoints.asked[0]?.form).to.deep.equal({ grant_type: 'x' });
  });

  it('goes through none to the own network of the host, nor where its provider has none', async () => {
    const url = `${endpoints.origin}/token`;
    await openTools(() => systemClock.wallMs(), oneProxy(proxy.url)).ask({ method: 'GET', url, near: true });
    await openTools(() => systemClock.wallMs()).ask({ method: 'GET', url });
    expect(proxy.asked).to.deep.equal([]);
    expect(endpoints.asked).to.have.lengthOf(2);
  });
});
