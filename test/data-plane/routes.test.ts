/** The data port's other routes: health, models, and the relay of the primary's page. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { RELAY_HEADER } from '../../src/shared/ipc.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

describe('the data port', () => {
  let gateway: RunningPlane | null = null;
  let primary: http.Server | null = null;

  afterEach(async () => {
    await gateway?.close();
    primary?.closeAllConnections();
    primary?.close();
    gateway = null;
    primary = null;
  });

  /** Stands for the primary's admin server. */
  async function startPrimary(answer: http.RequestListener): Promise<number> {
    const server = http.createServer(answer);
    primary = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('says that it is well, and that it drains', async () => {
    gateway = await startPlane(testConfig({ openai: 1 }));
    const well = await fetch(`${gateway.url}/health`);
    expect([well.status, await well.json()]).to.deep.equal([200, { status: 'ok' }]);
    gateway.plane.announce();
    const draining = await fetch(`${gateway.url}/health`);
    expect([draining.status, await draining.json()]).to.deep.equal([503, { status: 'draining' }]);
    expect(draining.headers.get('connection')).to.equal('close');
  });

  it("lists the configured models in OpenAI's form, for those who may know", async () => {
    gateway = await startPlane(testConfig({ openai: 1, server: { keys: ['client-key'] } }));
    expect((await fetch(`${gateway.url}/v1/models`)).status).to.equal(401);
    const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer client-key' } });
    expect(await response.json()).to.deep.equal({
      object: 'list',
      data: [{ id: 'gpt-4', object: 'model', created: 0, owned_by: 'headgate' }],
    });
  });

  it('tells of one model, and that another is not known', async () => {
    gateway = await startPlane(testConfig({ openai: 1 }));
    const known = await fetch(`${gateway.url}/v1/models/gpt-4`);
    expect(await known.json()).to.include({ id: 'gpt-4', object: 'model' });
    expect((await fetch(`${gateway.url}/v1/models/toString`)).status).to.equal(404);
  });

  it("shows the primary's page only to clients with a key, where there are any", async () => {
    const adminPort = await startPrimary((_request, response) => response.end('page\n'));
    gateway = await startPlane(testConfig({ openai: 1, server: { keys: ['client-key'] } }), { adminPort });
    expect((await fetch(`${gateway.url}/metrics`)).status).to.equal(401);
    const withKey = { headers: { authorization: 'Bearer client-key' } };
    expect(await (await fetch(`${gateway.url}/metrics`, withKey)).text()).to.equal('page\n');
  });

  it("passes the primary's page on as it is, showing the secret between them", async () => {
    let shown: string | string[] | undefined;
    const adminPort = await startPrimary((request, response) => {
      shown = request.headers[RELAY_HEADER];
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end('llm_requests_total 5\n');
    });
    gateway = await startPlane(testConfig({ openai: 1 }), { adminPort });
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect([response.status, await response.text(), shown]).to.deep.equal([200, 'llm_requests_total 5\n', 'relay']);
  });

  it('says when to come back while the primary does not answer', async () => {
    const adminPort = await startPrimary((request) => request.socket.resetAndDestroy());
    gateway = await startPlane(testConfig({ openai: 1 }), { adminPort });
    const response = await fetch(`${gateway.url}/metrics`);
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '1']);
    expect(((await response.json()) as { error: { code: string } }).error.code).to.equal('metrics_unavailable');
  });

  it('keeps the page to itself where that is configured', async () => {
    gateway = await startPlane(testConfig({ openai: 1, server: { metricsPath: null } }));
    expect((await fetch(`${gateway.url}/metrics`)).status).to.equal(404);
  });
});
