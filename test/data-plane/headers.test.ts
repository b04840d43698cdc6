/** Headers between client and provider: which ones pass, which ones are added, which ones are left out. */
import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RunningMock } from '../../src/mock/server.ts';
import { planeFixture } from './plane-fixture.ts';

describe('the headers of a request', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;
  let seen: IncomingHttpHeaders;

  beforeEach(async () => {
    openai = await mock('openai', (request) => {
      seen = request.headers;
    });
  });
  afterEach(close);

  it("keep the client's request id if it is valid, and get a new one otherwise", async () => {
    const { ask } = await start({ openai: openai.port });
    const withId = (id: string) => ask({}, { headers: { 'content-type': 'application/json', 'x-request-id': id } });
    expect((await withId('trace-42')).headers.get('x-request-id')).to.equal('trace-42');
    expect((await withId('no good')).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
    expect((await withId('x'.repeat(200))).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('reach the provider only if they are allowed, along with its own key', async () => {
    const { ask } = await start({ openai: openai.port, server: { keys: ['client-key'] } });
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

  it('choose no account of the provider: that is the key that the gateway has', async () => {
    const recorder = await provider(({ headers }, outgoing) => {
      seen = headers;
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{}');
    });
    const foreign = ['openai-organization', 'openai-project', 'anthropic-workspace-id', 'anthropic-organization-id'];
    const headers = {
      'content-type': 'application/json',
      'openai-beta': 'responses=experimental',
      'anthropic-beta': 'b-1',
      'anthropic-version': '2026-10-21',
      'anthropic-not-heard-of': 'yet',
      'anthropic-dangerous-direct-browser-access': 'true',
      ...Object.fromEntries(foreign.map((name) => [name, 'another'])),
    };
    const fields = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9, input: 'Hi' };
    for (const [path, dialect, beta] of [
      ['/v1/chat/completions', 'openai-chat', 'openai-beta'],
      ['/v1/responses', 'openai-responses', 'openai-beta'],
      ['/v1/messages', 'openai-embeddings', 'anthropic-beta'],
    ] as const) {
      const { url } = await start({ openai: recorder, anthropic: recorder, dialects: { openai: [dialect] } });
      await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(fields) });
      expect(seen, path).to.include({ [beta]: headers[beta] });
      expect(seen, path).not.to.have.any.keys(...foreign, 'anthropic-dangerous-direct-browser-access');
    }
    expect(seen).to.include({ 'anthropic-version': '2026-10-21', 'anthropic-not-heard-of': 'yet' });
  });

  it('come back with an error as with an answer: limits and the id of the request', async () => {
    const limited = await provider((_, outgoing) => {
      const limits = { 'x-ratelimit-remaining-requests': '0', 'anthropic-ratelimit-tokens-remaining': '7' };
      outgoing.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_theirs', ...limits });
      outgoing.end(
        '{"type":"error","error":{"type":"invalid_request_error","message":"no"},"request_id":"req_theirs"}',
      );
    });
    let status = 400;
    const { url } = await start({ openai: limited, anthropic: limited, dialects: { openai: ['openai-embeddings'] } });
    const fields = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9 };
    for (status of [400, 500, 429]) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) };
      const { headers } = await fetch(`${url}/v1/messages`, init);
      expect(headers.get('request-id'), String(status)).to.equal('req_theirs');
      expect(headers.get('x-ratelimit-remaining-requests')).to.equal('0');
      expect(headers.get('anthropic-ratelimit-tokens-remaining')).to.equal('7');
    }
  });

  it('come back with the provider that answered and the attempts before it', async () => {
    const anthropic = await mock('anthropic');
    const { ask } = await start({ openai: openai.port, anthropic: anthropic.port });
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
  });
});
