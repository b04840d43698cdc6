/** Requests that the operator tries over the admin port, in front of a real data plane and of providers of the test's. */
import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { TryTarget } from '../../src/primary/admin/admin-actions.ts';
import { addTryRoutes } from '../../src/primary/admin/routes/try-routes.ts';
import { reachableHost } from '../../src/shared/host/loopback.ts';
import { certificates } from '../helpers/certificates.ts';
import { shown } from '../helpers/server-certificates.ts';
import { chatRequest, contentEvent, jsonHeaders, listen, plainAnswer, planeFixture } from './plane-fixture.ts';

const path = '/v1/chat/completions';

describe('a request that is tried', () => {
  const { mock, provider, start, close } = planeFixture();
  const servers: http.Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await close();
  });

  /** An admin server with this one route; returns its address. */
  async function admin(target: Partial<TryTarget> & { readonly port: number }, hasToken = false): Promise<string> {
    const app = express();
    addTryRoutes(app, { tryTarget: () => ({ host: '127.0.0.1', tls: null, key: null, ...target }) }, hasToken);
    const server = http.createServer(app);
    servers.push(server);
    return `http://127.0.0.1:${await listen(server)}/api/try`;
  }

  /** The same in front of a data plane. */
  const inFrontOf = (gateway: { readonly url: string }, more: Partial<TryTarget> = {}, hasToken = false) =>
    admin({ port: Number(new URL(gateway.url).port), ...more }, hasToken);

  function attempt(url: string, body: string, key?: string, init: RequestInit = {}): Promise<Response> {
    const envelope = `{"path":"${path}","body":${body}${key === undefined ? '' : `,"key":"${key}"`}}`;
    return fetch(url, { method: 'POST', headers: jsonHeaders, body: envelope, ...init });
  }

  it('gets the answer of the data port: status, type, its headers and its bytes', async () => {
    const gateway = await start({ openai: await provider((_request, response) => response.end(plainAnswer)) });
    const url = await inFrontOf(gateway);
    const answer = await attempt(url, chatRequest());
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('content-type')).to.match(/^application\/json/);
    expect(answer.headers.get('x-headgate-provider')).to.equal('openai');
    expect(answer.headers.get('x-headgate-attempts')).to.match(/^openai=200/);
    expect(answer.headers.get('x-request-id')).to.be.a('string');
    expect(await answer.text()).to.equal(plainAnswer);
    const refused = await attempt(url, chatRequest({ model: 'none' }));
    expect(refused.status).to.equal(404);
    expect(await refused.json()).to.have.nested.property('error.code', 'model_not_found');
    expect(gateway.count({ type: 'request-ended' })).to.equal(2);
  });

  it('goes to a data port with TLS, which is known by its certificate alone', async () => {
    const { local, other, ca } = certificates();
    const openai = await provider((_request, response) => response.end(plainAnswer));
    const gateway = await start({ openai }, { adminPort: 0, certificate: shown(local) });
    const statusWith = async (cert: string, needsClientCertificate = false) => {
      const url = await inFrontOf(gateway, { tls: { cert, needsClientCertificate } });
      const answer = await attempt(url, chatRequest());
      return [answer.status, await answer.text()];
    };
    expect(await statusWith(local.cert)).to.deep.equal([200, plainAnswer]);
    const [status, text] = await statusWith(other.cert);
    expect(status).to.equal(502);
    expect(text).to.match(/UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_/);
    const [refused, why] = await statusWith(ca.cert, true);
    expect(refused).to.equal(409);
    expect(why).to.include('asks its clients for a certificate');
    expect(gateway.count({ type: 'request-ended' })).to.equal(1);
  });

  it('sends its body as it came', async () => {
    const port = await listen(bytesEchoed(servers));
    const body = '{ "model":"m",\n "n": 12345678901234567890 , "a":"\\u00e9é"}';
    expect(await (await attempt(await admin({ port }), body)).text()).to.equal(body);
  });

  it('streams: the first event comes before the last is sent', async () => {
    const finish = Promise.withResolvers<void>();
    const openai = await provider(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(contentEvent);
      await finish.promise;
      response.end(`${contentEvent.replace('null', '"stop"')}data: [DONE]\n\n`);
    });
    const answer = await attempt(await inFrontOf(await start({ openai })), chatRequest({ stream: true }));
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).to.equal(contentEvent);
    finish.resolve();
    let rest = '';
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) rest += next.value;
    expect(rest).to.match(/data: \[DONE\]\n\n$/);
  });

  for (const [when, fault] of [
    ['before the first content', { kind: 'hang' }],
    ['in the middle of a stream', { kind: 'stall', afterChunks: 1 }],
  ] as const) {
    it(`stops the provider when the browser leaves ${when}`, async () => {
      const openai = await mock('openai');
      const statistics = async () => {
        const answer = await fetch(`http://127.0.0.1:${openai.port}/_mock/stats`);
        return (await answer.json()) as { inFlight: number; aborted: number };
      };
      const gateway = await start({ openai: openai.port });
      openai.control.setFault(fault);
      const leaving = new AbortController();
      const url = await inFrontOf(gateway);
      const tried = attempt(url, chatRequest({ stream: true }), undefined, { signal: leaving.signal });
      tried.catch(() => undefined);
      await eventually('the provider is asked', async () => (await statistics()).inFlight === 1);
      if (fault.kind === 'stall') await (await tried).body?.getReader().read();
      leaving.abort();
      await eventually('it is left', async () => {
        const { inFlight, aborted } = await statistics();
        return inFlight === 0 && aborted === 1;
      });
      await eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);
    });
  }

  it('reads no faster than the browser does', async () => {
    const total = 32 * 2 ** 20;
    const chunk = Buffer.alloc(2 ** 16, 'x');
    let sent = 0;
    const port = await provider(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (sent < total) {
        sent += chunk.length;
        if (!response.write(chunk)) await once(response, 'drain');
      }
      response.end();
    });
    const answer = await new Promise<http.IncomingMessage>((resolve) => {
      void admin({ port }).then((url) => {
        http.request(url, { method: 'POST', agent: false }, resolve).end(`{"path":"${path}","body":{}}`);
      });
    });
    answer.pause();
    let earlier = -1;
    await eventually(
      'the data port waits',
      () => {
        const waits = sent > 0 && sent === earlier;
        earlier = sent;
        return waits;
      },
      10_000,
      50,
    );
    expect(sent).to.be.below(total / 2);
    let received = 0;
    for await (const bytes of answer) received += (bytes as Buffer).length;
    expect(received).to.equal(total);
  });

  it('ends where the data port breaks off, so that nobody takes it for whole', async () => {
    const port = await provider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(contentEvent, () => response.destroy());
    });
    const answer = await attempt(await admin({ port }), '{}');
    expect(await answer.text().catch(() => 'broken off')).to.equal('broken off');
  });

  it('is refused with a reason while nobody listens on the data port', async () => {
    const server = http.createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const answer = await attempt(await admin({ port }), chatRequest({ user: 'canary' }));
    expect(answer.status).to.equal(502);
    expect(await answer.json()).to.deep.equal({ error: { message: 'the data port does not answer: ECONNREFUSED' } });
  });

  it('takes no proxy, whatever the environment says', async () => {
    const gateway = await start({ openai: await provider((_request, response) => response.end(plainAnswer)) });
    const url = await inFrontOf(gateway);
    const restore = http.setGlobalProxyFromEnv({ http_proxy: 'http://127.0.0.1:1' });
    try {
      const request = http.request(url, { method: 'POST', agent: new http.Agent() });
      request.end(`{"path":"${path}","body":${chatRequest()}}`);
      const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
      expect(answer.statusCode).to.equal(200);
      answer.resume();
    } finally {
      restore();
    }
  });

  it('reaches a data port on all addresses, on its own loopback', async () => {
    const server = bytesEchoed(servers);
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as { port: number };
    const url = await admin({ host: reachableHost('0.0.0.0'), port });
    expect(await (await attempt(url, '{}')).text()).to.equal('{}');
  });

  describe('where clients need a key', () => {
    const keys = ['the-first-key', 'the-second-key'];
    const [first = ''] = keys;
    let gateway: Awaited<ReturnType<typeof start>>;

    beforeEach(async () => {
      const openai = await provider((_request, response) => response.end(plainAnswer));
      gateway = await start({ openai, server: { keys } });
    });

    it('has the first of them if its caller has shown the admin token', async () => {
      expect((await attempt(await inFrontOf(gateway, { key: first }, true), chatRequest())).status).to.equal(200);
    });

    it('is refused without that token, and the data port is not asked', async () => {
      const url = await inFrontOf(gateway, { key: first });
      for (const key of [undefined, '']) {
        const answer = await attempt(url, chatRequest(), key);
        expect(answer.status).to.equal(401);
        expect(await answer.text())
          .to.contain('the gateway asks its clients for a key')
          .and.not.to.contain(first);
      }
      expect(gateway.events).to.deep.equal([]);
    });

    it('has the key that its caller gives, and no other, with the token or without', async () => {
      for (const hasToken of [false, true]) {
        const url = await inFrontOf(gateway, { key: first }, hasToken);
        expect((await attempt(url, chatRequest(), 'the-second-key')).status).to.equal(200);
        expect((await attempt(url, chatRequest(), 'wrong-key')).status).to.equal(401);
      }
    });
  });

  it('has at most 64 KB', async () => {
    const url = await admin({ port: await listen(bytesEchoed(servers)) });
    const padded = (length: number) => `{"path":"${path}","body":"`.padEnd(length - 2, 'x').concat('"}');
    const sent = async (length: number) => {
      return (await fetch(url, { method: 'POST', headers: jsonHeaders, body: padded(length) })).status;
    };
    expect(await sent(64 * 1024)).to.equal(200);
    expect(await sent(64 * 1024 + 1)).to.equal(413);
  });

  it('is one of four at a time, and makes room when it ends or its browser leaves', async () => {
    const held: http.ServerResponse[] = [];
    const url = await admin({ port: await provider((_request, response) => void held.push(response)) });
    const leaving = new AbortController();
    const first = attempt(url, '{}', undefined, { signal: leaving.signal });
    const others = [1, 2, 3].map(() => attempt(url, '{}'));
    await eventually('all four are under way', () => held.length === 4);
    expect((await attempt(url, '{}')).status).to.equal(503);
    leaving.abort();
    await first.catch(() => undefined);
    await eventually('the one that was left has made room', () => held.some((response) => response.destroyed));
    const next = attempt(url, '{}');
    await eventually('the next is under way', () => held.length === 5);
    for (const response of held) response.end('{}');
    for (const answer of await Promise.all([...others, next])) expect(answer.status).to.equal(200);
  });
});

/** A data port that answers with what it gets; to be told to listen. */
function bytesEchoed(servers: http.Server[]): http.Server {
  const server = http.createServer((incoming, outgoing) => incoming.pipe(outgoing));
  servers.push(server);
  return server;
}
