/** The data port with TLS: all that holds on plain connections holds on these, and certificates change while it serves. */
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { certificates } from '../helpers/certificates.ts';
import { shown } from '../helpers/server-certificates.ts';
import type { TestConfigOptions } from '../helpers/test-config.ts';
import { chatRequest, connectTo, plainAnswer, planeFixture, rawRequest } from './plane-fixture.ts';

const { local, other, client, foreign, ca } = certificates();
const health = 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n';
const end = 'data: [DONE]\n\n';

describe('a data port with TLS', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const serving = async (server: TestConfigOptions['server'] = {}, clientCa: string | null = null) => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    return start({ openai, server }, { adminPort: 0, certificate: shown(local, clientCa) });
  };

  it('answers pipelined requests in order', async () => {
    const { url } = await serving();
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    const socket = connectTo(url);
    socket.write(ids.map((id) => rawRequest(chatRequest(), `x-request-id: ${id}`)).join(''));
    socket.write(rawRequest(chatRequest(), 'connection: close'));
    const answers = await text(socket);
    expect(Array.from(answers.matchAll(/x-request-id: (r\d+)/g), ([, id]) => id)).to.deep.equal(ids);
  });

  it('relays every byte of a stream, chunk by chunk', async () => {
    const content = 'ÿ€🙂'.repeat(20_000);
    const event = `data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":"stop"}]}\n\n`;
    const openai = await provider((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(event + end);
    });
    const { url } = await start({ openai }, { adminPort: 0, certificate: shown(local) });
    const socket = connectTo(url);
    socket.write(rawRequest(chatRequest({ stream: true }), 'connection: close'));
    const answer = await text(socket);
    const [, body = ''] = answer.split(/\r\n\r\n(.*)/s);
    const whole = body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '');
    expect(whole).to.include(content);
    expect(answer).to.match(/0\r\n\r\n$/);
  });

  it('answers a client that has closed its own direction, where it can at once', async () => {
    const { url } = await serving();
    const socket = connectTo(url);
    socket.end(health);
    expect(await text(socket)).to.match(/^HTTP\/1\.1 200/);
  });

  it('answers bytes that are no HTTP, and counts that', async () => {
    const { url, count } = await serving();
    const socket = connectTo(url);
    socket.write('nonsense\r\n\r\n');
    expect(await text(socket)).to.match(/^HTTP\/1\.1 400 .*malformed_request/s);
    expect(count({ type: 'request-ended', code: 'malformed_request' })).to.equal(1);
  });

  it('closes a client that speaks plain HTTP, and says so', async () => {
    const { url, warned } = await serving();
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(health);
    await once(socket, 'close');
    expect(warned).to.deep.equal([
      'a client speaks plain HTTP to the data port, which has TLS: its URL must begin with https://',
    ]);
  });
});

describe('a data port without TLS', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  it('says that a client speaks TLS, however often once a second, and closes it', async () => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    const { url, warned, count } = await start({ openai });
    for (let client = 0; client < 2; client += 1) {
      const socket = tls.connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
      await once(socket, 'error');
    }
    expect(warned).to.deep.equal([
      'a client speaks TLS to the data port, which has none: its URL must begin with http://, or set server.tls',
    ]);
    expect(count({ type: 'request-ended', code: 'malformed_request' })).to.equal(2);
  });

  it('says nothing of other bytes that are no HTTP', async () => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    const { url, warned } = await start({ openai });
    const socket = connectTo(url);
    socket.write('\x16hello\r\n\r\n');
    expect(await text(socket)).to.match(/^HTTP\/1\.1 400/);
    expect(warned).to.deep.equal([]);
  });
});

describe('connections with TLS', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const capped = async (most: number) => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    const server = { maxConnections: most, maxConnectionsPerAddress: most };
    return start({ openai, server }, { adminPort: 0, certificate: shown(local) });
  };

  it('count before their handshake, and give way when they are idle', async () => {
    const { url, count, plane } = await capped(2);
    const port = Number(new URL(url).port);
    const silent = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')];
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const idle = () => new Promise<number>((resolve) => plane.server.getConnections((_, open) => resolve(open)));
    await eventually('both are accepted', async () => (await idle()) === 2);
    const gone = Promise.race(
      silent.map((socket) =>
        once(
          socket.on('error', () => undefined),
          'close',
        ),
      ),
    );
    // An idle connection stays for a quarter of a second at least.
    const answer = await eventually('one gives way', async () => {
      const socket = connectTo(url).on('error', () => undefined);
      socket.end(health);
      return (await text(socket).catch(() => '')).startsWith('HTTP/1.1 200');
    });
    expect(answer).to.equal(true);
    await gone;
    expect(count({ type: 'connection-dropped', reason: 'idle' })).to.equal(1);
    for (const socket of silent) socket.destroy();
  });

  it('are closed by a drain without a reset', async () => {
    const { url, plane } = await capped(10);
    const socket = connectTo(url);
    socket.write(health);
    await once(socket, 'data');
    const ended = once(socket, 'end');
    socket.resume();
    await Promise.all([plane.drain(100), ended]);
  });
});

describe('the certificate of a data port', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const serving = async (clientCa: string | null = null) => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    return start({ openai }, { adminPort: 0, certificate: shown(local, clientCa) });
  };
  const connect = async (url: string, options: tls.ConnectionOptions = {}) => {
    const socket = tls.connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca: ca.cert, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  const subject = (socket: tls.TLSSocket) => socket.getPeerCertificate().subject.CN;

  it('is replaced for new connections, while those that are open go on', async () => {
    const { url, plane } = await serving();
    const before = await connect(url);
    expect(subject(before)).to.equal('local');
    plane.certify(shown(other));
    const after = await connect(url, { servername: 'other.example' });
    expect(subject(after)).to.equal('other');
    after.destroy();
    before.end(health);
    expect(await text(before)).to.match(/^HTTP\/1\.1 200/);
  });

  it('stays when another one cannot be used', async () => {
    const { url, plane } = await serving();
    expect(() => plane.certify({ ...shown(other), key: local.key })).to.throw();
    const socket = await connect(url);
    expect(subject(socket)).to.equal('local');
    socket.destroy();
  });

  it('resumes sessions until it is replaced', async () => {
    const { url, plane } = await serving();
    const first = await connect(url);
    const session = once(first, 'session') as Promise<[Buffer]>;
    first.write(health);
    first.resume();
    const [ticket] = await session;
    const again = await connect(url, { session: ticket });
    expect(again.isSessionReused()).to.equal(true);
    plane.certify(shown(other));
    const later = await connect(url, { session: ticket, servername: 'other.example' });
    expect(later.isSessionReused()).to.equal(false);
    for (const socket of [first, again, later]) socket.destroy();
  });

  it('speaks no version before TLS 1.2', async () => {
    const { url } = await serving();
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const refused = await connect(url, old).then(
      () => null,
      (error: Error) => error,
    );
    expect(refused).to.be.instanceOf(Error);
  });

  it('turns away clients without a certificate of a known authority where they need one', async () => {
    const { url } = await serving(ca.cert);
    const asked = async (options: tls.ConnectionOptions) => {
      const socket = await connect(url, options);
      socket.end(health);
      return text(socket).catch((error: NodeJS.ErrnoException) => error.code);
    };
    expect(await asked({ ...client })).to.match(/^HTTP\/1\.1 200/);
    expect(await asked({})).not.to.include('HTTP');
    expect(await asked({ ...foreign })).not.to.include('HTTP');
  });
});
