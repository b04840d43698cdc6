/** Secrets in what others send: a provider that quotes its key, a client whose request id is a key. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

describe('a secret', () => {
  const { provider, start, close } = planeFixture();

  afterEach(close);

  it("is redacted in a provider's 400 that quotes our key", async () => {
    const openai = await provider((request, response) => {
      response.writeHead(400, jsonHeaders);
      response.end(JSON.stringify({ error: { message: `bad header: ${request.headers.authorization}`, type: 'x' } }));
    });
    const response = await (await start({ openai })).ask();
    const text = await response.text();
    expect(response.status).to.equal(400);
    expect(text).not.to.contain('key-of-openai');
    expect(text).to.contain('bad header: Bearer [redacted]');
    expect(Number(response.headers.get('content-length'))).to.equal(Buffer.byteLength(text));
  });

  it('is redacted before a message is cut, wherever the cut falls', async () => {
    const openai = await provider((request, response) => {
      response.writeHead(500, jsonHeaders);
      const before = 'x'.repeat(Number(request.headers['x-request-id']));
      response.end(JSON.stringify({ error: { message: `${before}key-of-openai ${'y'.repeat(3_000)}` } }));
    });
    const gateway = await start({ openai });
    for (let before = 1_985; before <= 2_000; before += 3) {
      const headers = { ...jsonHeaders, 'x-request-id': String(before) };
      const text = await (await gateway.ask({}, { headers })).text();
      expect(text).to.contain('xxx');
      expect(text, `${before} characters before`).not.to.match(/key|openai…/);
    }
  });

  it("is redacted in a provider's headers that go back, and in its id of the request", async () => {
    const openai = await provider((_request, response) => {
      const id = Buffer.from('user:key-of-openai').toString('base64');
      response.writeHead(200, { ...jsonHeaders, 'x-ratelimit-key': 'key%2dof%2Dopenai', 'x-request-id': id });
      response.end(plainAnswer);
    });
    const gateway = await start({ openai });
    const { headers } = await gateway.ask();
    expect(headers.get('x-ratelimit-key')).to.equal('[redacted]');
    const id = headers.get('x-headgate-upstream-request-id');
    expect(id).to.match(/^\w{1,8}\[redacted\]$/);
    await eventually('the request is logged', () => gateway.logged.length === 1);
    expect(JSON.parse(gateway.logged[0] ?? '').upstreamRequestId).to.equal(id);
  });

  it('is redacted in the log when a client sends it as its request id', async () => {
    const openai = await provider((_request, response) => response.end(plainAnswer));
    const gateway = await start({ openai, server: { keys: ['sk-canary'] } });
    const headers = { ...jsonHeaders, authorization: 'Bearer sk-canary', 'x-request-id': 'sk-canary' };
    await gateway.ask({}, { headers });
    await eventually('the request is logged', () => gateway.logged.length === 1);
    expect(JSON.parse(gateway.logged[0] ?? '')).to.include({ id: '[redacted]', msg: 'request' });
  });
});
