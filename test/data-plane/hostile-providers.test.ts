/**
 * Providers that are slow, that never end or that send too much: headers, error bodies, events and whole answers. Each
 * ends within a limit of the gateway, and the memory that it takes is bounded.
 */
import type http from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import type { TestConfigOptions } from '../helpers/test-config.ts';
import { contentEvent, jsonHeaders, listen, planeFixture } from './plane-fixture.ts';

const STREAM = { 'content-type': 'text/event-stream' };
const OPEN_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Writes a piece again and again, at the speed at which it is read, until the gateway has had enough. */
function pour(response: NodeJS.WritableStream & { destroyed?: boolean }, piece: string): void {
  const pump = () => {
    while (response.writable && response.destroyed !== true && response.write(piece));
  };
  response.on('drain', pump);
  response.on('error', () => undefined);
  pump();
}

describe('a hostile provider', () => {
  const { provider, start, close } = planeFixture();
  const closers: (() => void)[] = [];
  afterEach(async () => {
    for (const end of closers.splice(0)) end();
    await close();
  });

  /** A provider that writes bytes to the socket as it likes once it has a request. */
  async function rawProvider(answer: (socket: net.Socket) => void): Promise<number> {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return listen(server);
  }

  const begin = (openai: number, timeouts: TestConfigOptions['timeouts'] = {}) =>
    start({ openai, retry: { attempts: 1 }, timeouts });

  /** The status that the client gets, and the outcome of the only attempt. */
  async function result(gateway: RunningPlane, stream = false): Promise<[number, string | undefined]> {
    const response = await gateway.ask({ stream });
    await response.text().catch(() => 'broken off');
    const attempts = gateway.events.filter((event) => event.type === 'attempt-ended');
    expect(attempts).to.have.length(1);
    return [response.status, attempts[0]?.outcome];
  }

  it('whose headers drip ends at the limit for headers', async () => {
    const openai = await rawProvider((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await result(await begin(openai, { headersMs: 200 }), true)).to.deep.equal([504, 'timeout_headers']);
  });

  it('whose headers never end is cut off at 16 KiB', async () => {
    const openai = await rawProvider((socket) => {
      socket.write(OPEN_HEAD);
      pour(socket, `x-more: ${'x'.repeat(1_000)}\r\n`);
    });
    expect((await result(await begin(openai)))[0]).to.equal(502);
  });

  it('whose interim answers never end ends at the deadline', async () => {
    const openai = await rawProvider((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await result(await begin(openai, { totalMs: 300 }))).to.deep.equal([504, 'timeout_total']);
  });

  it('whose error body never ends is judged by its status after 1 MiB', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(400, jsonHeaders);
      pour(response, 'x'.repeat(10_000));
    });
    expect(await result(await begin(openai, { totalMs: 10_000 }))).to.deep.equal([400, 'client_error']);
  });

  it('whose error body stands still is judged by its status, by the deadline at the latest', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(400, jsonHeaders);
      response.write('{"error":{"message":"no');
    });
    const clock = new ManualClock();
    const gateway = await start({ openai, retry: { attempts: 1 }, timeouts: { totalMs: 600_000 } }, { clock });
    const answered = result(gateway);
    let hasAnswered = false;
    void answered.then(() => {
      hasAnswered = true;
    });
    await eventually('the time passes', () => {
      clock.advance(20);
      return hasAnswered;
    });
    expect(await answered).to.deep.equal([400, 'client_error']);
    expect(JSON.parse(gateway.logged[0] ?? '').durationMs).to.be.within(5_000, 300_000);
  });

  it('whose plain answer drips ends at the deadline', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, jsonHeaders);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    expect(await result(await begin(openai, { totalMs: 300 }))).to.deep.equal([504, 'timeout_total']);
  });

  it('whose one event never ends is a bad response', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, STREAM);
      response.write('data: {"choices":[{"index":0,"delta":{"content":"');
      pour(response, 'x'.repeat(60_000));
    });
    expect(await result(await begin(openai, { totalMs: 10_000 }), true)).to.deep.equal([502, 'bad_response']);
  });

  it('whose stream sends only comments ends at the limit for the first content', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, STREAM);
      const drip = setInterval(() => response.write(': waiting\n\n'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const gateway = await begin(openai, { firstContentMs: 200 });
    expect(await result(gateway, true)).to.deep.equal([504, 'timeout_first_content']);
  });

  it('whose stream of content never ends is ended by the limit for a whole stream', async () => {
    const openai = await provider((_request, response: http.ServerResponse) => {
      response.writeHead(200, STREAM);
      const drip = setInterval(() => response.write(contentEvent), 5);
      response.on('close', () => clearInterval(drip));
    });
    const gateway = await begin(openai, { maxStreamMs: 300 });
    expect(await result(gateway, true)).to.deep.equal([200, 'timeout_total']);
  });
});
