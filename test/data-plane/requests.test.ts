/**
 * Requests that are turned away, and what surrounds those that are served: limits, keys, ids, headers, cooldowns, probes.
 */
import http from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { Config } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

async function errorOf(response: Response): Promise<{ code: string; param: string | null; message: string }> {
  const body = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return body.error;
}

describe('a request', () => {
  let openai: RunningMock;
  let seen: http.IncomingHttpHeaders;
  let gateway: RunningPlane | null;

  const start = async (server: Partial<Config['server']> = {}, anthropic?: number) => {
    const second = anthropic === undefined ? {} : { anthropic };
    gateway = await startPlane(testConfig({ openai: openai.port, server, ...second }));
    return gateway;
  };

  beforeEach(async () => {
    gateway = null;
    openai = await startMock({
      dialect: 'openai',
      port: 0,
      observe: (request) => {
        seen = request.headers;
      },
    });
  });

  afterEach(async () => {
    await gateway?.close();
    await openai.close();
  });

  const invalid: [string, unknown, string, string | null][] = [
    ['no model', { model: undefined }, 'missing_parameter', 'model'],
    ['an empty model', { model: '' }, 'invalid_value', 'model'],
    ['no messages', { messages: undefined }, 'missing_parameter', 'messages'],
    ['empty messages', { messages: [] }, 'invalid_value', 'messages'],
    ['a message that is text', { messages: ['hi'] }, 'invalid_value', 'messages[0]'],
    ['a message without role', { messages: [{ content: 'hi' }] }, 'invalid_value', 'messages[0].role'],
    ['a temperature of 2.1', { temperature: 2.1 }, 'invalid_value', 'temperature'],
    ['a temperature of -1', { temperature: -1 }, 'invalid_value', 'temperature'],
    ['a temperature in words', { temperature: 'hot' }, 'invalid_value', 'temperature'],
    ['stream as text', { stream: 'yes' }, 'invalid_value', 'stream'],
  ];
  for (const [what, fields, code, param] of invalid) {
    it(`with ${what} is refused as ${code} of ${param}`, async () => {
      const { ask, count } = await start();
      const response = await ask(fields as Record<string, unknown>);
      expect(response.status).to.equal(400);
      const error = await errorOf(response);
      expect([error.code, error.param]).to.deep.equal([code, param]);
      expect(count({ type: 'rejected', reason: 'validation' })).to.equal(1);
      expect(count({ type: 'request-ended', provider: 'unknown', status: 'error' })).to.equal(1);
      expect(openai.control.stats().requests).to.equal(0);
    });
  }

  for (const body of ['{', '[]', '"text"', '']) {
    it(`whose body is ${JSON.stringify(body)} is refused with 400`, async () => {
      const { ask } = await start();
      const response = await ask({}, { body });
      expect(response.status).to.equal(400);
      expect((await errorOf(response)).code).to.be.oneOf(['invalid_json', 'invalid_value']);
    });
  }

  it('passes fields that nobody here knows through untouched', async () => {
    let received = Buffer.alloc(0);
    const recorder = await startMock({
      dialect: 'openai',
      port: 0,
      observe: (_request, body) => {
        received = Buffer.from(body);
      },
    });
    gateway = await startPlane(testConfig({ openai: recorder.port }));
    const body =
      '{"model":"gpt-4", "messages":[{"role":"user","content":"é 😀"}],  "x_new":{"a":[1e400,-0.0]},"seed":12345678901234567890}';
    const response = await gateway.ask({}, { body });
    expect(response.status).to.equal(200);
    expect(received.toString('utf8')).to.equal(body);
    await recorder.close();
  });

  it('for an unknown model is a 404 counted under other', async () => {
    const { ask, count } = await start();
    const response = await ask({ model: 'gpt-17' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'model_not_found']);
    expect(count({ type: 'request-ended', provider: 'unknown', model: 'other', status: 'error' })).to.equal(1);
    expect(count({ type: 'label-overflow', label: 'model' })).to.equal(1);
    expect(count({ type: 'rejected', reason: 'no_route' })).to.equal(1);
  });

  it("for a model named after an object's own members is a 404 too", async () => {
    const { ask } = await start();
    for (const model of ['__proto__', 'constructor', 'toString']) expect((await ask({ model })).status).to.equal(404);
  });

  it('to another endpoint under /v1/ is a counted 404, a GET of the endpoint a 405', async () => {
    const { url, count } = await start();
    const response = await fetch(`${url}/v1/embeddings`, { method: 'POST', body: '{}' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'not_found']);
    expect((await fetch(`${url}/v1/chat/completions`)).status).to.equal(405);
    expect((await fetch(`${url}/nowhere`)).status).to.equal(404);
    expect(count({ type: 'request-ended' })).to.equal(1);
  });

  it('may name its target in the absolute form that proxies send; the host is not looked at', async () => {
    const { url } = await start();
    const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] });
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(url);
      const headers = { 'content-type': 'application/json' };
      const path = 'http://elsewhere.example/v1/chat/completions';
      const request = http.request({ port, path, method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end(body);
    });
    expect(status).to.equal(200);
  });

  it('needs one of the keys, when there are any', async () => {
    const { ask, count } = await start({ keys: ['first', 'second'] });
    const withKey = (authorization: string) =>
      ask({}, { headers: { 'content-type': 'application/json', authorization } });
    const none = await ask();
    expect([none.status, (await errorOf(none)).code]).to.deep.equal([401, 'invalid_api_key']);
    expect((await withKey('Bearer third')).status).to.equal(401);
    expect((await withKey('Bearer second')).status).to.equal(200);
    expect(count({ type: 'rejected', reason: 'auth' })).to.equal(2);
  });

  it('has to be JSON by its type, and not compressed', async () => {
    const { ask } = await start();
    expect((await ask({}, { headers: { 'content-type': 'text/plain' } })).status).to.equal(415);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await ask({}, { headers })).status).to.equal(415);
  });

  it('with a body over the limit is a 413, declared or not', async () => {
    const { ask, url, count } = await start({ maxBodyBytes: 1_000 });
    const response = await ask({ padding: 'x'.repeat(2_000) });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([413, 'body_too_large']);
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const request = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end('x'.repeat(2_000));
    });
    expect(status).to.equal(413);
    expect(count({ type: 'rejected', reason: 'body_too_large' })).to.equal(2);
  });

  it('beyond the limit in flight is a 503 with Retry-After', async () => {
    const { ask, count } = await start({ maxInFlight: 1 });
    openai.control.setFault({ kind: 'slow-headers', ms: 300 });
    const first = ask();
    await eventually('the first is under way', () => openai.control.stats().inFlight === 1);
    const second = await ask();
    expect([second.status, second.headers.get('retry-after')]).to.deep.equal([503, '1']);
    expect((await errorOf(second)).code).to.equal('overloaded');
    expect((await first).status).to.equal(200);
    expect(count({ type: 'rejected', reason: 'overload' })).to.equal(1);
  });

  it('beyond the bytes that bodies may hold is a 503, and what was held is given back', async () => {
    const { ask } = await start({ maxBufferedBytes: 3_000 });
    openai.control.setFault({ kind: 'slow-headers', ms: 300, times: 1 });
    const first = ask({ padding: 'x'.repeat(2_000) });
    await eventually('the first is under way', () => openai.control.stats().inFlight === 1);
    expect((await ask({ padding: 'x'.repeat(2_000) })).status).to.equal(503);
    await first;
    expect((await ask({ padding: 'x'.repeat(2_000) })).status).to.equal(200);
  });

  it("keeps the caller's id if it is a sane one, and makes one otherwise", async () => {
    const { ask } = await start();
    const withId = (id: string) => ask({}, { headers: { 'content-type': 'application/json', 'x-request-id': id } });
    expect((await withId('trace-42')).headers.get('x-request-id')).to.equal('trace-42');
    expect((await withId('no good')).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
    expect((await withId('x'.repeat(200))).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('carries to the provider its key and allowed headers only', async () => {
    const { ask } = await start({ keys: ['client-key'] });
    await ask(
      {},
      {
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer client-key',
          cookie: 'session=1',
          'x-forwarded-for': '10.0.0.1',
          'x-portkey-custom-host': 'http://127.0.0.1:1',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      },
    );
    expect(seen.authorization).to.equal('Bearer key-of-openai');
    expect(seen.traceparent).to.match(/^00-/);
    expect(seen).not.to.have.any.keys('cookie', 'x-forwarded-for', 'x-portkey-custom-host');
    expect(JSON.stringify(seen)).not.to.contain('client-key');
  });

  it('tells who answered, and what was tried before', async () => {
    const anthropic = await startMock({ dialect: 'anthropic', port: 0 });
    const { ask } = await start({}, anthropic.port);
    openai.control.setFault({ kind: 'status', status: 429, retryAfter: 20 });
    for (const stream of [false, true]) {
      const response = await ask({ stream });
      await response.text();
      expect(response.headers.get('x-headgate-provider')).to.equal('anthropic');
      expect(response.headers.get('x-headgate-worker')).to.equal('0');
      const attempts = response.headers.get('x-headgate-attempts');
      // The second one finds the first target cooling down.
      expect(attempts).to.match(stream ? /^anthropic=200$/ : /^openai=429\(\d+ms\), anthropic=200$/);
    }
    await anthropic.close();
  });

  it('waits for a short rest where there is no other target', async () => {
    const { ask, count } = await start();
    openai.control.setFault({ kind: 'status', status: 429, retryAfter: 0.2, times: 1 });
    const startedAt = performance.now();
    const response = await ask();
    expect(response.status).to.equal(200);
    expect(performance.now() - startedAt).to.be.within(200, 2_000);
    expect(count({ type: 'retry', provider: 'openai' })).to.equal(1);
  });

  it('is a 429 with the soonest return when every target cools down', async () => {
    const { ask, view, count } = await start();
    view(
      [{ provider: 'openai', state: 'closed', remainingMs: 0 }],
      [{ provider: 'openai', model: 'gpt-4', remainingMs: 4_500 }],
    );
    const response = await ask();
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([429, '5']);
    expect(response.headers.get('x-should-retry')).to.equal(null);
    expect(count({ type: 'rejected', reason: 'rate_limit' })).to.equal(1);
    expect(openai.control.stats().requests).to.equal(0);
  });

  it('is a 503 with the soonest return when every circuit is open', async () => {
    const { ask, view, count } = await start();
    view([{ provider: 'openai', state: 'open', remainingMs: 12_300 }]);
    const response = await ask();
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '13']);
    expect((await errorOf(response)).code).to.equal('circuit_open');
    expect(count({ type: 'circuit-rejection', provider: 'openai' })).to.equal(1);
    expect(count({ type: 'request-ended', provider: 'unknown', status: 'error' })).to.equal(1);
  });

  it('passes over an open circuit without calling that a failover', async () => {
    const anthropic = await startMock({ dialect: 'anthropic', port: 0 });
    const { ask, view, count } = await start({}, anthropic.port);
    view([{ provider: 'openai', state: 'open', remainingMs: 60_000 }]);
    expect((await ask()).headers.get('x-headgate-provider')).to.equal('anthropic');
    expect([count({ type: 'failover' }), count({ type: 'circuit-rejection', provider: 'openai' })]).to.deep.equal([
      0, 1,
    ]);
    await anthropic.close();
  });

  it('probes a half-open circuit under its lease', async () => {
    const { ask, view, events } = await start();
    view([{ provider: 'openai', state: 'half-open', remainingMs: 0 }]);
    expect((await ask()).status).to.equal(200);
    expect(events.find((event) => event.type === 'attempt-ended')).to.include({ lease: 7, verdict: 'success' });
    const response = await ask({ stream: true });
    await response.text();
    expect(events.find((event) => event.type === 'probe-committed')).to.include({ lease: 7, provider: 'openai' });
  });

  it('is sent again for free when a used socket dies before any answer', async () => {
    let requests = 0;
    const fickle = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        if (!data.toString().includes('POST')) return;
        requests += 1;
        if (requests === 2) {
          socket.resetAndDestroy();
          return;
        }
        const body = '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      });
    });
    await new Promise<void>((resolve) => fickle.listen(0, '127.0.0.1', resolve));
    gateway = await startPlane(testConfig({ openai: (fickle.address() as net.AddressInfo).port }));
    expect((await gateway.ask()).status).to.equal(200);
    expect((await gateway.ask()).status).to.equal(200);
    expect(requests).to.equal(3);
    expect([gateway.count({ type: 'retry' }), gateway.count({ type: 'attempt-ended' })]).to.deep.equal([0, 2]);
    fickle.close();
  });

  it('cannot be followed to another address by a redirect', async () => {
    const { ask } = await start();
    openai.control.setFault({ kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    const response = await ask();
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([502, 'provider_error']);
  });
});
