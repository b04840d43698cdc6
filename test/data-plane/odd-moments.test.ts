/**
 * What goes wrong at odd moments: a client that leaves while its request is being prepared, errors that break off, faults
 * of our own after commit, clients that never read, providers that never answer the phone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { readBody } from '../../src/worker/request/body.ts';
import { PhaseTimers } from '../../src/worker/upstream/phase-timers.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { type TestConfigOptions, testConfig } from '../helpers/test-config.ts';

const headers = { 'content-type': 'application/json' };
const answer = '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';

describe('at an odd moment', () => {
  let gateway: RunningPlane | null = null;
  const upstreams: http.Server[] = [];

  afterEach(async () => {
    await gateway?.close();
    gateway = null;
    for (const server of upstreams.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function upstream(listener: http.RequestListener): Promise<number> {
    const server = http.createServer((incoming, outgoing) => {
      incoming.resume();
      listener(incoming, outgoing);
    });
    upstreams.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function start(parts: TestConfigOptions): Promise<RunningPlane> {
    gateway = await startPlane(testConfig(parts));
    return gateway;
  }

  /** A client that can be made to vanish. */
  function send(url: string, body: Record<string, unknown> = {}): http.ClientRequest {
    const client = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...body }));
    return client;
  }

  it('a client that leaves during the back-off takes no probe lease along', async () => {
    const openai = await upstream((_request, response) => response.writeHead(500).end('{}'));
    const anthropic = await upstream((_request, response) => response.end(answer));
    const { url, view, count, plane, leases } = await start({
      openai,
      anthropic,
      retry: { baseDelayMs: 5_000, maxDelayMs: 5_000 },
    });
    view([{ provider: 'anthropic', state: 'half-open', remainingMs: 0 }]);
    const client = send(url);
    await eventually('the first attempt has failed', () => count({ type: 'attempt-ended' }) === 1);
    client.destroy();
    await eventually('nothing is in flight', () => plane.inFlight() === 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(leases.asked.length).to.equal(leases.returned.length);
    expect(count({ type: 'request-ended' })).to.equal(0);
  });

  it("a provider's 400 that quotes our key does not pass it on", async () => {
    const openai = await upstream((request, response) => {
      response.writeHead(400, headers);
      response.end(JSON.stringify({ error: { message: `bad header: ${request.headers.authorization}`, type: 'x' } }));
    });
    const response = await (await start({ openai })).ask();
    const text = await response.text();
    expect(response.status).to.equal(400);
    expect(text).not.to.contain('key-of-openai');
    expect(text).to.contain('bad header: Bearer [redacted]');
    expect(Number(response.headers.get('content-length'))).to.equal(Buffer.byteLength(text));
  });

  for (const [status, outcome] of [
    [400, 'client_error'],
    [401, 'auth_error'],
    [429, 'rate_limited'],
  ] as const) {
    it(`a ${status} whose body breaks off is judged by its status`, async () => {
      const openai = await upstream((_request, response) => {
        response.writeHead(status, { ...headers, 'content-length': 500, 'retry-after': '20' });
        response.write('{"error":{"message":"no', () => response.destroy());
      });
      const { ask, count } = await start({ openai });
      await ask();
      expect(count({ type: 'attempt-ended', outcome, verdict: 'neutral' })).to.equal(1);
      expect(count({ type: 'attempt-ended' })).to.equal(1);
    });
  }

  it('a body that does not come in time is refused with 408, and nothing stays held', async () => {
    const meter = { bytes: 0 };
    const { server } = testConfig({ openai: 1 });
    const refused = Promise.withResolvers<unknown>();
    const port = await new Promise<number>((resolve) => {
      const reader = http.createServer((incoming) => {
        const reading = { server, meter, timers: new PhaseTimers(systemClock), timeoutMs: 60 };
        readBody(incoming, reading).then(refused.resolve, refused.resolve);
      });
      upstreams.push(reader);
      reader.listen(0, '127.0.0.1', () => resolve((reader.address() as AddressInfo).port));
    });
    const socket = net.connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    expect(await refused.promise).to.include({ code: 'request_timeout', status: 408 });
    expect(meter.bytes).to.equal(0);
    socket.destroy();
  });

  it('a fault of our own after commit cuts the stream, lets the provider go and is counted once', async () => {
    let closed = false;
    const openai = await upstream((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n');
    });
    const { ask, count, outbox } = await start({ openai });
    const push = outbox.push.bind(outbox);
    outbox.push = (event) => {
      push(event);
      if (event.type === 'first-content') throw new Error('a fault of our own');
    };
    const response = await ask({ stream: true }).catch((error: unknown) => error);
    expect(response).to.be.instanceOf(TypeError);
    await eventually('the provider is let go', () => closed);
    await eventually('the end is counted', () => count({ type: 'request-ended', status: 'error' }) === 1);
    expect(count({ type: 'request-ended' })).to.equal(1);
  });

  it('a client that does not read its answer holds its place until it is gone', async () => {
    const large = answer.replace('hi', 'x'.repeat(16 * 1024 * 1024));
    const openai = await upstream((_request, response) => response.end(large));
    const { url, plane, count } = await start({ openai });
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.pause();
    const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually('its end is counted', () => count({ type: 'request-ended', status: 'success' }) === 1);
    expect(plane.inFlight()).to.equal(1);
    socket.destroy();
    await eventually('its place is free', () => plane.inFlight() === 0);
  });

  it("a committed stream's body still counts against what bodies may hold", async () => {
    const openai = await upstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n');
    });
    const { ask } = await start({ openai, server: { maxBufferedBytes: 3_000 } });
    const first = await ask({ stream: true, padding: 'x'.repeat(2_000) });
    expect(first.status).to.equal(200);
    expect((await ask({ stream: true, padding: 'x'.repeat(2_000) })).status).to.equal(503);
    await first.body?.cancel();
  });

  it('a stream that goes on without content is not held for ever', async () => {
    const openai = await upstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const frame = `data: {"choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"pad":"${'x'.repeat(1_000)}"}\n\n`;
      const pump = () => {
        while (response.writable && response.write(frame));
      };
      response.on('drain', pump);
      pump();
    });
    const { ask, count } = await start({ openai, retry: { attempts: 1 } });
    expect((await ask({ stream: true })).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'failure' })).to.equal(1);
  });

  it('an exhausted quota says when it is over, and that trying again at once is vain', async () => {
    const openai = await upstream((_request, response) => {
      response.writeHead(429, headers);
      response.end(
        '{"error":{"message":"spent","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}',
      );
    });
    const { ask } = await start({ openai });
    for (const round of ['first', 'second']) {
      const response = await ask();
      expect(response.status, round).to.equal(429);
      expect(Number(response.headers.get('retry-after')), round).to.be.within(290, 300);
      expect(response.headers.get('x-should-retry'), round).to.equal('false');
    }
  });

  it('a provider that hangs leaves a plain request time for the next target', async () => {
    const openai = await upstream(() => undefined);
    const anthropic = await upstream((_request, response) => {
      response.writeHead(200, headers);
      const message = {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'c',
        content: [{ type: 'text', text: 'hi' }],
      };
      const usage = { input_tokens: 1, output_tokens: 1 };
      response.end(JSON.stringify({ ...message, stop_reason: 'end_turn', stop_sequence: null, usage }));
    });
    const { ask, count } = await start({ openai, anthropic, timeouts: { totalMs: 600 } });
    const response = await ask();
    expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'anthropic']);
    expect(
      count({ type: 'attempt-ended', provider: 'openai', outcome: 'timeout_headers', verdict: 'failure' }),
    ).to.equal(1);
  });

  it('a plain answer that breaks off is a bad response, not a provider that cannot be reached', async () => {
    const openai = await upstream((_request, response) => {
      response.writeHead(200, { ...headers, 'content-length': 500 });
      response.write(answer, () => response.destroy());
    });
    const { ask, count } = await start({ openai, retry: { attempts: 1 } });
    expect((await ask()).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'failure' })).to.equal(1);
  });

  it('a refused key stays a refused key while it cools down, and is no rate limit', async () => {
    const openai = await upstream((_request, response) => response.writeHead(401, headers).end('{}'));
    const { ask } = await start({ openai });
    for (const round of ['asked', 'cooling-down']) {
      const response = await ask();
      const { error } = (await response.json()) as { error: { code: string } };
      expect([response.status, error.code], round).to.deep.equal([502, 'provider_auth']);
    }
  });

  it('a drain does not wait for a provider that never takes the connection', async () => {
    const program = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`;
    const silent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const fillers: net.Socket[] = [];
    try {
      const [port] = await once(silent.stdout, 'data').then(([text]) => [Number(String(text))]);
      silent.kill('SIGSTOP');
      // With its queue full, the kernel lets further connections wait.
      for (let place = 0; place < 3; place += 1)
        fillers.push(net.connect(port ?? 0, '127.0.0.1').on('error', () => undefined));
      const { url, plane } = await start({ openai: port ?? 0, timeouts: { connectMs: 30_000, totalMs: 60_000 } });
      send(url);
      await eventually('it is in flight', () => plane.inFlight() === 1);
      const startedAt = performance.now();
      await plane.drain(100);
      expect(performance.now() - startedAt).to.be.below(3_000);
    } finally {
      for (const socket of fillers) socket.destroy();
      silent.kill('SIGKILL');
    }
  });
});
