/** Ways to providers in whole gateways: proxies of the configuration and of the environment, before and after a reload. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { certificates } from '../helpers/certificates.ts';
import { type RunningFront, startTlsFront } from '../helpers/front.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { type RunningProxy, startProxy } from '../helpers/proxy.ts';

const provider = new OneProvider();

describe('the way to a provider', () => {
  provider.use();
  let proxy: RunningProxy;
  let front: RunningFront;
  beforeEach(async () => {
    proxy = await startProxy();
    front = await startTlsFront(provider.port, certificates().local);
  });
  afterEach(async () => {
    await front.close();
    await proxy.close();
  });

  const config = (egress: object, baseUrl = `https://localhost:${front.port}/v1`) => ({
    ...provider.config,
    providers: { openai: { type: 'openai', base_url: baseUrl, api_key: 'sk-test', retry: { attempts: 1 }, ...egress } },
  });
  const tls = { ca: certificates().ca.cert };

  it('is another one after a reload, at once and for every worker, and shows no secret', async () => {
    proxy.credentials = 'user:canary-of-proxy';
    const gateway = await startGateway(config({}));
    expect((await gateway.complete()).status, 'without the authority').to.equal(502);
    await reload(gateway, config({ tls }), ['providers.openai.tls.ca: not set → -----BEGIN CERTIFICATE-----…']);
    for (let request = 0; request < 4; request += 1) expect((await gateway.complete()).status).to.equal(200);
    expect(proxy.asked).to.deep.equal([]);

    const wrong = proxy.url.replace('//', '//user:canary-of-nobody@');
    await reload(gateway, config({ tls, proxy: wrong }), ['providers.openai.proxy: not set → •••']);
    const answer = await gateway.complete();
    expect(answer.status).to.equal(502);
    const right = proxy.url.replace('//', '//user:canary-of-proxy@');
    await reload(gateway, config({ tls, proxy: right }), ['providers.openai.proxy: changed']);
    for (let request = 0; request < 4; request += 1) expect((await gateway.complete()).status).to.equal(200);

    await eventually('the operator is told', () => gateway.output.includes('wants other credentials'));
    expect(gateway.output).not.to.include('canary-of');
    const errors = (code: string) =>
      gateway.metric(`llm_request_errors_total{owner="gateway",code="${code}",model="gpt-4"}`);
    expect(await errors('provider_untrusted')).to.equal(1);
    expect(await errors('proxy_failed')).to.equal(1);
  });

  it('leads through the proxy of the environment, but for what NO_PROXY or the provider excepts', async () => {
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: 'elsewhere.example' };
    const gateway = await startGateway(config({ tls }), { environment });
    expect((await gateway.complete()).status).to.equal(200);
    expect(proxy.asked).to.deep.equal([`CONNECT localhost:${front.port}`]);
    await reload(gateway, config({ tls, proxy: 'none' }), ['providers.openai.proxy: changed']);
    expect((await gateway.complete()).status).to.equal(200);
    expect(proxy.asked).to.have.lengthOf(1);
  });
});

async function reload(gateway: RunningGateway, config: Record<string, unknown>, changes: string[]): Promise<void> {
  gateway.writeConfig(config);
  const answer = await fetch(`${gateway.adminUrl}/api/reload`, { method: 'POST' });
  expect(((await answer.json()) as { changes: string[] }).changes).to.deep.equal(changes);
}
