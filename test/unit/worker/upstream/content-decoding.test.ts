import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { decoderFor } from '../../../../src/worker/upstream/content-decoding.ts';

const TEXT = 'data: {"content":"hello"}\n\n'.repeat(1_000);

/** Decodes a body that comes in chunks, and tells all that was heard of it. */
function decoding(label: string | undefined, chunks: readonly Buffer[]) {
  const heard: string[] = [];
  const unpacked: Buffer[] = [];
  const source = {
    pause: () => heard.push('pause'),
    resume: () => heard.push('resume'),
    abort: () => heard.push('abort'),
  };
  const decoder = decoderFor(label, chunks[0] ?? Buffer.alloc(0), source, {
    data: (chunk) => unpacked.push(chunk),
    ended: (broken) => heard.push(broken === null ? 'ended' : `ended: ${broken.message}`),
    undecodable: () => heard.push('undecodable'),
  });
  for (const chunk of chunks) decoder?.push(chunk);
  return { decoder, heard, bytes: () => Buffer.concat(unpacked), text: () => Buffer.concat(unpacked).toString() };
}

const packed: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
  deflate: zlib.deflateSync,
  'Deflate ': zlib.deflateRawSync,
  'gzip, br': (text) => zlib.brotliCompressSync(zlib.gzipSync(text)),
};

describe('a packed body', () => {
  for (const [label, pack] of Object.entries(packed)) {
    it(`is unpacked, in one piece and byte by byte: ${label}`, async () => {
      const bytes = pack(TEXT);
      for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.from([byte]))]) {
        const { decoder, heard, text } = decoding(label, chunks);
        decoder?.end(null);
        await eventually('it is at its end', () => heard.includes('ended'));
        expect(text()).to.equal(TEXT);
      }
    });

    it(`gives what is in it before its end: ${label}`, async () => {
      const { decoder, heard, text } = decoding(label, [pack(TEXT + TEXT).subarray(0, -1)]);
      decoder?.end(new Error('reset'));
      await eventually('it is at its end', () =>
        heard.some((each) => each.startsWith('ended') || each === 'undecodable'),
      );
      expect(TEXT + TEXT).to.satisfy((whole: string) => whole.startsWith(text()));
    });
  }

  it('is told by its first bytes where no label says so', async () => {
    for (const pack of [zlib.gzipSync, zlib.zstdCompressSync]) {
      const { decoder, heard, text } = decoding(undefined, [pack(TEXT)]);
      decoder?.end(null);
      await eventually('it is at its end', () => heard.includes('ended'));
      expect(text()).to.equal(TEXT);
    }
  });

  it('is none where only the label says so', () => {
    for (const label of [undefined, 'identity', 'gzip', 'br', 'deflate', 'zstd', 'compress', 'gzip,gzip,gzip,gzip']) {
      expect(decoding(label, [Buffer.from('{"id":1}')]).decoder, label).to.equal(null);
    }
  });

  it('is undecodable where its bytes are not what they begin as', async () => {
    const { heard } = decoding('gzip', [Buffer.from([0x1f, 0x8b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0])]);
    await eventually('it is told', () => heard.length > 0);
    expect(heard).to.deep.equal(['undecodable']);
  });

  it('stops its source while nobody takes what is in it, and goes on after', async () => {
    const body = randomBytes(1024 * 1024);
    const bytes = zlib.gzipSync(body);
    const { decoder, heard, bytes: unpacked } = decoding('gzip', [bytes.subarray(0, 4096)]);
    decoder?.pause();
    for (let at = 4096; at < bytes.length; at += 4096) decoder?.push(bytes.subarray(at, at + 4096));
    await eventually('its source is stopped', () => heard.includes('pause'));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(unpacked().length).to.be.below(body.length / 2);
    decoder?.resume();
    await eventually('its source goes on', () => heard.includes('resume'));
    decoder?.end(null);
    await eventually('it is at its end', () => heard.includes('ended'));
    expect(unpacked().equals(body)).to.equal(true);
  });

  it('is left alone once it is given up', async () => {
    const { decoder, heard, text } = decoding('gzip', [zlib.gzipSync(TEXT)]);
    decoder?.abort();
    decoder?.push(Buffer.from('more'));
    decoder?.end(null);
    await new Promise((resolve) => setImmediate(resolve));
    expect([heard, text()]).to.deep.equal([['abort'], '']);
  });
});
