/** What web pages may do with the data port: names pointed at this machine, foreign origins, CORS. */
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { chatRequest, plainAnswer, planeFixture } from './plane-fixture.ts';

/** Sends a request with headers that `fetch` does not let a caller choose. */
function send(url: string, method: string, path: string, headers: http.OutgoingHttpHeaders) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders }>((resolve, reject) => {
    const request = http.request(url + path, { method, headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? chatRequest() : undefined);
  });
}

const chat = '/v1/chat/completions';
const type = { 'content-type': 'application/json' };
const app = 'https://app.example';

describe('a page in a browser', () => {
  const { provider, start, close } = planeFixture();
  let asked = 0;
  const answering = () =>
    provider((_request, response) => {
      asked += 1;
      response.end(plainAnswer);
    });
  afterEach(close);

  it('that points its own name at a gateway without keys is refused on every path, and nothing is paid', async () => {
    asked = 0;
    const { url } = await start({ openai: await answering() });
    const rebound = { host: 'evil.example:8080', origin: 'http://evil.example:8080', ...type };
    expect((await send(url, 'POST', chat, rebound)).status).to.equal(403);
    for (const path of ['/metrics', '/v1/models', '/health', '/']) {
      expect((await send(url, 'GET', path, { host: 'evil.example' })).status, path).to.equal(403);
    }
    expect(asked).to.equal(0);
  });

  it("has a name with a dot: one without is a container's, and is served", async () => {
    const { url } = await start({ openai: await answering() });
    for (const host of ['headgate:8080', 'x']) {
      expect((await send(url, 'POST', chat, { host, ...type })).status, host).to.equal(200);
    }
    for (const host of ['headgate.', 'a.b', 'a b', 'é']) {
      expect((await send(url, 'GET', '/health', { host })).status, host).to.not.equal(200);
    }
  });

  it('of another origin is refused by a gateway without keys', async () => {
    asked = 0;
    const { url } = await start({ openai: await answering() });
    for (const origin of ['https://evil.example', 'http://localhost:3000', 'null']) {
      expect((await send(url, 'POST', chat, { origin, ...type })).status, origin).to.equal(403);
    }
    expect(asked).to.equal(0);
    const own = { origin: new URL(url).origin, ...type };
    expect((await send(url, 'POST', chat, own)).status).to.equal(200);
  });

  it('is judged by its key where there are keys, whatever name it uses', async () => {
    const { url } = await start({ openai: await answering(), server: { keys: ['K1'] } });
    const headers = { host: 'gateway.internal', origin: app, authorization: 'Bearer K1', ...type };
    const answer = await send(url, 'POST', chat, headers);
    expect([answer.status, answer.headers['access-control-allow-origin']]).to.deep.equal([200, undefined]);
  });

  it('of a configured origin may ask, and may read the answer', async () => {
    const { url } = await start({ openai: await answering(), server: { cors: [app] } });
    const preflight = await send(url, 'OPTIONS', chat, {
      origin: app,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, x-stainless-os',
    });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers).to.include({
      'access-control-allow-origin': app,
      'access-control-allow-headers': 'content-type, x-stainless-os',
      vary: 'origin',
    });
    const answer = await send(url, 'POST', chat, { origin: app, ...type });
    expect([answer.status, answer.headers['access-control-allow-origin']]).to.deep.equal([200, app]);
    expect(answer.headers['access-control-expose-headers']).to.include('x-request-id');
    const refused = await send(url, 'POST', chat, { origin: 'https://other.example', ...type });
    expect([refused.status, refused.headers['access-control-allow-origin']]).to.deep.equal([403, undefined]);
  });
});
