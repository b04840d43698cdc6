/** Plain answers that are whole although their body has no end: they are answers, and are paid once. Real sockets. */
import zlib from 'node:zlib';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const packings = {
  identity: (text: string) => Buffer.from(text),
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  deflate: zlib.deflateSync,
  zstd: zlib.zstdCompressSync,
} as const;

describe('a whole answer without the end of its body', () => {
  const { provider, start, close } = planeFixture();

  afterEach(close);

  /** How the connection goes on after the bytes: closed before the length that was announced, or the last chunk; silent. */
  type After = 'too short' | 'no last chunk' | 'reset' | 'silent';

  async function answering(bytes: Buffer, after: After, encoding = 'identity'): Promise<RunningPlane> {
    const openai = await provider((_request, response) => {
      const length = after === 'too short' ? { 'content-length': bytes.length + 100 } : {};
      response.writeHead(200, { ...jsonHeaders, 'content-encoding': encoding, ...length });
      response.write(bytes, () => {
        if (after === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 20);
        else if (after !== 'silent') response.socket?.end();
      });
    });
    return start({ openai, timeouts: { stallMs: 400 } });
  }

  const wasOneSuccess = ({ count }: RunningPlane) => {
    expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(1);
    expect(count({ type: 'attempt-ended' })).to.equal(1);
  };

  for (const after of ['too short', 'no last chunk', 'reset', 'silent'] as const) {
    for (const [encoding, pack] of Object.entries(packings)) {
      it(`is an answer: ${after}, ${encoding}`, async () => {
        const plane = await answering(pack(plainAnswer), after, encoding);
        const response = await plane.ask();
        expect([response.status, await response.text()]).to.deep.equal([200, plainAnswer]);
        wasOneSuccess(plane);
      });

      it(`is an answer to a request for a stream: ${after}, ${encoding}`, async () => {
        const plane = await answering(pack(plainAnswer), after, encoding);
        const response = await plane.ask({ stream: true });
        expect(await response.text()).to.match(/"content":"hi".*"finish_reason":"stop".*data: \[DONE\]\n\n$/s);
        wasOneSuccess(plane);
      });
    }

    it(`is the error that it tells: ${after}`, async () => {
      const error = '{"error":{"message":"no such field","type":"invalid_request_error"}}\n';
      const plane = await answering(Buffer.from(error), after);
      const response = await plane.ask();
      expect([response.status, await response.text()]).to.satisfy(
        ([status, text]: [number, string]) => status === 400 && text.includes('no such field'),
      );
      expect(plane.count({ type: 'attempt-ended' })).to.equal(1);
    });
  }

  it('is waited for while its JSON is not at an end', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, jsonHeaders);
      response.write('{"x":{}');
      setTimeout(() => response.end(`,${plainAnswer.slice(1)}`), 200);
    });
    const plane = await start({ openai, timeouts: { stallMs: 60 } });
    expect((await plane.ask()).status).to.equal(200);
    wasOneSuccess(plane);
  });

  it('is broken, not whole, where its JSON has no end', async () => {
    const plane = await answering(Buffer.from(plainAnswer.slice(0, -1)), 'reset');
    expect((await plane.ask()).status).to.equal(502);
    expect(plane.count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'failure' })).to.equal(3);
  });
});
