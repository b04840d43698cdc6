/** The paths of the data port: which ones exist, and what the ones other than chat completions answer. */
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { RELAY_HEADER, RELAY_PROOF_HEADER, relayAnswer } from '../../src/shared/secrets/relay-proof.ts';
import { chatRequest, errorOf, jsonHeaders, planeFixture } from './plane-fixture.ts';

describe('the data port', () => {
  const { mock, provider, start, close } = planeFixture();

  afterEach(close);

  it('answers an unknown path under /v1/ with a counted 404, and another method with a 405', async () => {
    const { url, count } = await start({ openai: 1 });
    const response = await fetch(`${url}/v1/vector_stores`, { method: 'POST', body: '{}' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'not_found']);
    expect((await fetch(`${url}/v1/chat/completions`)).status).to.equal(405);
    expect((await fetch(`${url}/nowhere`)).status).to.equal(404);
    expect(count({ type: 'request-ended' })).to.equal(1);
  });

  it('takes a path in the absolute form that proxies send, with any host', async () => {
    const openai = await mock('openai');
    const { url } = await start({ openai: openai.port });
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(url);
      const path = 'http://elsewhere.example/v1/chat/completions';
      const request = http.request({ port, path, method: 'POST', headers: jsonHeaders }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end(chatRequest());
    });
    expect(status).to.equal(200);
  });

  it('says on /health whether it serves or drains', async () => {
    const gateway = await start({ openai: 1 });
    const serving = await fetch(`${gateway.url}/health`);
    expect([serving.status, await serving.json()]).to.deep.equal([200, { status: 'ok' }]);
    gateway.plane.announce();
    const draining = await fetch(`${gateway.url}/health`);
    expect([draining.status, await draining.json()]).to.deep.equal([503, { status: 'draining' }]);
    expect(draining.headers.get('connection')).to.equal('close');
  });

  it("lists the configured models in OpenAI's form, for clients with a key", async () => {
    const gateway = await start({ openai: 1, server: { keys: ['client-key'] } });
    expect((await fetch(`${gateway.url}/v1/models`)).status).to.equal(401);
    const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer client-key' } });
    expect(await response.json()).to.deep.equal({
      object: 'list',
      data: [{ id: 'gpt-4', object: 'model', created: 0, owned_by: 'headgate' }],
    });
  });

  it('describes one model, and answers 404 for an unknown one', async () => {
    const gateway = await start({ openai: 1 });
    const known = await fetch(`${gateway.url}/v1/models/gpt-4`);
    expect(await known.json()).to.include({ id: 'gpt-4', object: 'model' });
    expect((await fetch(`${gateway.url}/v1/models/toString`)).status).to.equal(404);
  });

  it("relays the primary's metrics only to clients with a key, if keys are configured", async () => {
    const adminPort = await provider((request, response) => {
      response.setHeader(RELAY_PROOF_HEADER, relayAnswer('relay', request.headers[RELAY_HEADER]) ?? '');
      response.end('page\n');
    });
    const gateway = await start({ openai: 1, server: { keys: ['client-key'] } }, { adminPort });
    expect((await fetch(`${gateway.url}/metrics`)).status).to.equal(401);
    const withKey = { headers: { authorization: 'Bearer client-key' } };
    expect(await (await fetch(`${gateway.url}/metrics`, withKey)).text()).to.equal('page\n');
  });

  it("relays the primary's metrics unchanged, and each proves to the other who it is", async () => {
    const adminPort = await provider((request, response) => {
      const proof = relayAnswer('relay', request.headers[RELAY_HEADER]);
      const type = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
      response.writeHead(200, proof === null ? type : { ...type, [RELAY_PROOF_HEADER]: proof });
      response.end('llm_requests_total 5\n');
    });
    const gateway = await start({ openai: 1 }, { adminPort });
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect([response.status, await response.text()]).to.deep.equal([200, 'llm_requests_total 5\n']);
  });

  it('shows no secret to another process on the port of the primary, and believes none of its numbers', async () => {
    const shown: string[] = [];
    const adminPort = await provider((request, response) => {
      shown.push(JSON.stringify([request.url, request.rawHeaders]));
      const question = String(request.headers[RELAY_HEADER]);
      // What it can say: nothing, the question, or the proof that it was shown.
      const answers = ['', question, question.split('.')[1] ?? ''];
      response.setHeader(RELAY_PROOF_HEADER, answers[shown.length - 1] ?? '');
      response.end('llm_requests_total 666\n');
    });
    const gateway = await start({ openai: 1 }, { adminPort });
    for (let tries = 0; tries < 3; tries += 1) {
      const response = await fetch(`${gateway.url}/metrics`);
      expect(response.status).to.equal(503);
      expect(await response.text()).not.to.contain('666');
    }
    expect(shown.join()).not.to.match(/"relay"|=relay/);
    expect(new Set(shown).size).to.equal(3);
  });

  it('answers /metrics with a 503 and Retry-After while the primary does not answer', async () => {
    const adminPort = await provider((request) => request.socket.resetAndDestroy());
    const gateway = await start({ openai: 1 }, { adminPort });
    const response = await fetch(`${gateway.url}/metrics`);
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '1']);
    expect(((await response.json()) as { error: { code: string } }).error.code).to.equal('metrics_unavailable');
  });

  it('answers /metrics with a 404 if no path is configured for it', async () => {
    const gateway = await start({ openai: 1, server: { metricsPath: null } });
    expect((await fetch(`${gateway.url}/metrics`)).status).to.equal(404);
  });
});
