/** Requests whose bodies are packed (content-encoding): what the provider gets of them, and what is refused. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { readBody } from '../../src/worker/request/arrival/body.ts';
import { ByteMeter } from '../../src/worker/upstream/byte-meter.ts';
import { PhaseTimers } from '../../src/worker/upstream/phase-timers.ts';
import { testConfig } from '../helpers/test-config.ts';
import { chatRequest, errorOf, jsonHeaders, listen, plainAnswer, planeFixture } from './plane-fixture.ts';

const packs: Record<string, (body: Buffer) => Buffer> = {
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
  deflate: zlib.deflateSync,
};

const LIMIT = 1024 * 1024;
const MEGABYTES = 1024 * 1024;

/** A gzip member of empty blocks, which may go on for ever and never bring a byte. */
const emptyBlocks = (count: number) =>
  Buffer.concat([zlib.gzipSync('').subarray(0, 10), ...Array<Buffer>(count).fill(Buffer.from('000000ffff', 'hex'))]);

describe('a packed body', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** A provider that keeps what it gets, and a data plane before it. */
  async function keeping() {
    const got: { headers: http.IncomingHttpHeaders; body: Buffer }[] = [];
    const openai = await provider(async (incoming, outgoing) => {
      got.push({ headers: incoming.headers, body: await buffer(incoming) });
      outgoing.writeHead(200, jsonHeaders).end(plainAnswer);
    });
    const plane = await start({ openai, server: { maxBodyBytes: LIMIT } });
    const send = (coding: string, body: Buffer) => {
      const headers = { ...jsonHeaders, 'content-encoding': coding };
      return fetch(`${plane.url}/v1/chat/completions`, { method: 'POST', headers, body: new Uint8Array(body) });
    };
    return { ...plane, got, send };
  }

  for (const [coding, pack] of Object.entries(packs)) {
    it(`is unpacked of ${coding}, and goes on as it would have come without`, async () => {
      const { got, send } = await keeping();
      const small = Buffer.from(chatRequest());
      const large = Buffer.from(chatRequest({ padding: randomBytes(300_000).toString('base64') }));
      const even = Buffer.from(chatRequest({ padding: 'x'.repeat(900_000) }));
      for (const body of [small, large, even]) {
        expect((await send(coding, pack(body))).status).to.equal(200);
        const last = got.at(-1);
        expect(last?.body.equals(body)).to.equal(true);
        expect(last?.headers).to.include({ 'content-length': String(body.length) });
        expect(last?.headers).not.to.have.property('content-encoding');
      }
    });

    it(`is refused when it unpacks to more than the limit, of ${coding}`, async () => {
      const { send, plane, got } = await keeping();
      const bomb = pack(Buffer.alloc(10 * MEGABYTES, ' '));
      const response = await send(coding, bomb);
      expect([response.status, (await errorOf(response)).code]).to.deep.equal([413, 'body_too_large']);
      await eventually('nothing is in flight', () => plane.inFlight() === 0);
      expect(got).to.deep.equal([]);
    });

    it(`is refused when it is broken, of ${coding}`, async () => {
      const { send } = await keeping();
      const whole = pack(Buffer.from(chatRequest()));
      const broken = {
        cut: whole.subarray(0, -3),
        empty: Buffer.alloc(0),
        'not packed': Buffer.from(chatRequest()),
        'followed by more': Buffer.concat([whole, Buffer.from('more')]),
      };
      for (const [what, body] of Object.entries(broken)) {
        const response = await send(coding, body);
        expect([response.status, (await errorOf(response)).code], what).to.deep.equal([
          400,
          'invalid_content_encoding',
        ]);
      }
    });
  }

  it('is refused if its packer looks back further than is meant for HTTP', async () => {
    const { send } = await keeping();
    const params = { [zlib.constants.ZSTD_c_windowLog]: 25 };
    const far = zlib.zstdCompressSync(Buffer.alloc(40 * MEGABYTES), { params });
    const { code, message } = await errorOf(await send('zstd', far));
    expect([code, message.includes('8 MiB')]).to.deep.equal(['invalid_content_encoding', true]);
  });

  it('may be several members of gzip', async () => {
    const { send, got } = await keeping();
    const body = chatRequest();
    const members = [body.slice(0, 10), body.slice(10)].map((part) => zlib.gzipSync(part));
    expect((await send('gzip', Buffer.concat(members))).status).to.equal(200);
    expect(got[0]?.body.toString()).to.equal(body);
  });

  it('is refused for what is in it as any other body', async () => {
    const { send } = await keeping();
    expect((await errorOf(await send('br', packs.br?.(Buffer.from('{')) ?? Buffer.alloc(0)))).code).to.equal(
      'invalid_json',
    );
  });

  it('is refused when it goes on for ever and brings nothing', async () => {
    const { send } = await keeping();
    expect((await send('gzip', emptyBlocks(Math.ceil(LIMIT / 5)))).status).to.equal(413);
  });

  it('gets a 415 that names what is taken where its coding is not known', async () => {
    const { send } = await keeping();
    const response = await send('compress', Buffer.from('any'));
    expect([response.status, response.headers.get('accept-encoding')]).to.deep.equal([415, 'gzip, br, zstd, deflate']);
    expect((await errorOf(response)).code).to.equal('unsupported_content_encoding');
  });

  it('may be a form', async () => {
    const { url, got } = await keeping();
    const form = new FormData();
    form.set('file', new Blob(['x'.repeat(10_000)]), 'a.wav');
    form.set('model', 'gpt-4');
    const plain = new Response(form);
    const headers = { 'content-type': plain.headers.get('content-type') ?? '', 'content-encoding': 'gzip' };
    const body = Buffer.from(await plain.arrayBuffer());
    const sent = { method: 'POST', headers, body: new Uint8Array(zlib.gzipSync(body)) };
    expect((await fetch(`${url}/v1/audio/transcriptions`, sent)).status).to.equal(200);
    expect(got[0]?.body.equals(body)).to.equal(true);
  });

  it('holds no more than the limit, and nothing once it is refused or its client has left', async () => {
    const { server } = testConfig({ openai: 1, server: { maxBodyBytes: LIMIT } });
    const meter = new ByteMeter(1e9);
    let most = 0;
    const ends: unknown[] = [];
    const reader = http.createServer((incoming, outgoing) => {
      const watcher = { push: () => (most = Math.max(most, meter.bytes)), end: () => undefined };
      const timers = new PhaseTimers(systemClock);
      readBody(incoming, { server, meter, timers, watcher, coding: 'gzip' }).then(
        () => ends.push('whole'),
        ({ code, name }: { code?: string; name: string }) => {
          ends.push(code ?? name);
          outgoing.end();
        },
      );
    });
    const port = await listen(reader);
    const options = { port, host: '127.0.0.1', method: 'POST', agent: false };
    const request = () => http.request(options).on('error', () => undefined);
    const bomb = zlib.gzipSync(Buffer.alloc(20 * MEGABYTES));
    request().end(bomb);
    await eventually('it is refused', () => ends.length === 1);
    expect(most).to.be.within(LIMIT / 2, LIMIT);
    const leaving = request();
    leaving.write(zlib.gzipSync(randomBytes(500_000)).subarray(0, 300_000));
    await eventually('some of it is held', () => meter.bytes > 0);
    leaving.destroy();
    await eventually('its client has left', () => ends.length === 2);
    expect([ends, meter.bytes]).to.deep.equal([['body_too_large', 'ClientGoneError'], 0]);
    reader.closeAllConnections();
    reader.close();
  });
});
