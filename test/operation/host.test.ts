/** What happens when the host itself lacks something, or does not let the gateway run for a while. */
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, startGateway } from '../../scripts/rig/gateway.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';

const plainAnswer = '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';
const content = 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

describe('a host', () => {
  const servers: http.Server[] = [];

  afterEach(async () => {
    await endGateways();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function provider(listener: http.RequestListener): Promise<number> {
    const server = http.createServer((incoming, outgoing) => {
      incoming.resume();
      listener(incoming, outgoing);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as net.AddressInfo).port;
  }

  it('that has no more descriptors holds that against nobody: 503 for as long as it lasts', async function () {
    try {
      execFileSync('prlimit', ['--version']);
    } catch {
      // Part of util-linux, but not of every image.
      this.skip();
    }
    const port = await provider((_request, response) => {
      response.writeHead(200, { connection: 'close' });
      response.end(plainAnswer);
    });
    const gateway = await startGateway({ ...gatewayConfig(port), workers: 1 });
    // A client that has its connection already, so that the gateway needs a descriptor for the provider only.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<[number, string | undefined, string]>((resolve, reject) => {
        const headers = { 'content-type': 'application/json' };
        const request = http.request(
          `${gateway.url}/v1/chat/completions`,
          { method: 'POST', headers, agent },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8').on('data', (piece: string) => {
              text += piece;
            });
            answer.on('end', () => resolve([answer.statusCode ?? 0, answer.headers['retry-after'], text]));
          },
        );
        request.on('error', reject);
        request.end('{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}]}');
      });
    const limit = (soft: string) => execFileSync('prlimit', ['--pid', String(worker), `--nofile=${soft}:`]);
    expect((await ask())[0]).to.equal(200);
    const [worker = 0] = await gateway.readyWorkers();
    limit('3');
    for (let request = 0; request < 12; request += 1) {
      const [status, retryAfter, text] = await ask();
      expect([status, retryAfter]).to.deep.equal([503, '1']);
      expect(text).to.include('"code":"overloaded"');
    }
    limit('1024');
    expect((await ask())[0]).to.equal(200);
    agent.destroy();
    expect(await gateway.metric('llm_attempts_total{provider="openai",outcome="gateway_limit"}')).to.equal(12);
    expect(await gateway.metric('llm_retry_total{provider="openai"}')).to.equal(0);
    expect(await gateway.metric('llm_circuit_state{provider="openai"}')).to.equal(0);
    const lines = gateway.log().filter((line) => line.outcome === 'gateway_limit' && line.lack === 'EMFILE');
    expect(lines.length).to.be.within(1, 3);
  });

  it('that stops all processes for longer than a stream may be silent breaks no stream', async () => {
    const open: http.ServerResponse[] = [];
    const port = await provider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(content);
      open.push(response);
    });
    const gateway = await startGateway({ ...gatewayConfig(port), timeouts: { stall: '1s' } });
    const stop = { stream: true };
    const answers = [gateway.complete(stop), gateway.complete(stop), gateway.complete(stop)];
    const texts = await Promise.all(answers).then((begun) => begun.map((answer) => answer.text()));
    await eventually('all streams are open', () => open.length === 3);
    gateway.signalGroup('SIGSTOP');
    for (const response of open) response.write(content);
    // Nothing to wait for: that time passes is the test.
    await pause(2_500);
    gateway.signalGroup('SIGCONT');
    for (const response of open) response.end(finish);
    for (const text of await Promise.all(texts)) {
      expect(text.match(/"content":"x"/g)).to.have.length(2);
      expect(text).to.match(/\[DONE\]\n\n$/);
    }
    expect(await gateway.metric('llm_attempts_total{provider="openai",outcome="timeout_stall"}')).to.equal(0);
  });

  it('that stops all processes closes no connection on which a request is waiting to be read', async () => {
    const port = await provider((_request, response) => response.end(plainAnswer));
    const gateway = await startGateway({ ...gatewayConfig(port), server: { port: 0, keep_alive: '1s' } });
    const body = '{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}]}';
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    let answers = 0;
    let failure: Error | null = null;
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('data', (data) => {
      answers += data.toString().split('HTTP/1.1 200').length - 1;
    });
    socket.write(`${head}\r\n\r\n${body}`);
    await eventually('the first is answered', () => answers === 1);
    gateway.signalGroup('SIGSTOP');
    socket.write(`${head}\r\n\r\n${body}`);
    // Longer than the limit, to which Node adds a second.
    await pause(3_000);
    gateway.signalGroup('SIGCONT');
    await eventually('the second is answered', () => answers === 2 || failure !== null);
    expect(failure).to.equal(null);
    socket.destroy();
  });
});
