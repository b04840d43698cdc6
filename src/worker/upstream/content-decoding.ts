/**
 * Unpacks a body that came compressed although `identity` was asked for. What gzip and zstd begin with is believed more
 * than the label: a body that only claims to be gzip is passed on, and one that does not say so is unpacked.
 *
 * Back-pressure: a full decoder stops the connection, and a paused consumer fills the decoder. A body that is cut off
 * gives what was in it; whether that is an answer is for its reader to judge.
 */
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

/** The connection that the bytes come from. */
export interface ByteSource {
  pause(): void;
  resume(): void;
  abort(): void;
}

/** Where the unpacked bytes go. */
interface DecodedSink {
  data(chunk: Buffer): void;
  /** All is out; `cause` is why the connection broke, where it did. */
  ended(cause: Error | null): void;
  undecodable(cause: Error): void;
}

/** More codings on top of each other than this are no honest answer. */
const MAX_CODINGS = 3;

const GZIP_MAGIC = 0x1f;
const ZSTD_MAGIC = 0x28;

/** What JSON and event streams begin with, and what packed bytes do not: neither br nor deflate has a magic number. */
const plainText = /^(?:\xef\xbb\xbf)?\s*(?:[{[]\s*["{[\]}]|data:|event:|:)/;

/** Makes a decoder for a body that begins with `first`; null where it is not compressed, as nearly all are not. */
export function decoderFor(
  label: string | undefined,
  first: Buffer,
  source: ByteSource,
  sink: DecodedSink,
): ContentDecoder | null {
  if (label === undefined && first[0] !== GZIP_MAGIC && first[0] !== ZSTD_MAGIC) return null;
  const codings = (label ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const transforms = codings.length < 2 ? single(codings[0], first) : stacked(codings);
  return transforms.length === 0 ? null : new ContentDecoder(transforms, source, sink);
}

/** One body's decoder. */
export class ContentDecoder implements ByteSource {
  readonly #input: Transform;
  readonly #output: Transform;
  readonly #source: ByteSource;
  #over = false;
  #broken: Error | null = null;

  constructor(transforms: readonly Transform[], source: ByteSource, sink: DecodedSink) {
    const [input] = transforms;
    const output = transforms.at(-1);
    if (input === undefined || output === undefined) throw new Error('a decoder needs a coding');
    this.#input = input;
    this.#output = output;
    this.#source = source;
    transforms.reduce((from, to) => from.pipe(to));
    input.on('drain', () => source.resume());
    for (const transform of transforms) {
      transform.on('error', (cause) => {
        if (this.#finish()) sink.undecodable(cause);
      });
    }
    output.on('data', (chunk: Buffer) => {
      if (!this.#over) sink.data(chunk);
    });
    output.on('end', () => {
      if (this.#finish()) sink.ended(this.#broken);
    });
  }

  /** Bytes as they came. */
  push(chunk: Buffer): void {
    if (!this.#over && !this.#input.write(chunk)) this.#source.pause();
  }

  /** No more bytes will come: the body is whole, or its connection broke. */
  end(broken: Error | null): void {
    if (this.#over) return;
    this.#broken = broken;
    this.#input.end();
  }

  pause(): void {
    this.#output.pause();
  }

  resume(): void {
    this.#output.resume();
  }

  abort(): void {
    this.#finish();
    this.#input.destroy();
    this.#output.destroy();
    this.#source.abort();
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    return true;
  }
}

function single(coding: string | undefined, first: Buffer): Transform[] {
  if (first[0] === GZIP_MAGIC && (first.length < 2 || first[1] === 0x8b)) return made('gzip', first);
  if (first[0] === ZSTD_MAGIC && (first.length < 2 || first[1] === 0xb5)) return made('zstd', first);
  const isText = plainText.test(first.toString('latin1', 0, 16));
  return !isText && (coding === 'br' || coding === 'deflate') ? made(coding, first) : [];
}

/** Codings are named in the order in which they were applied. */
function stacked(codings: readonly string[]): Transform[] {
  if (codings.length > MAX_CODINGS) return [];
  return [...codings].reverse().flatMap((coding) => made(coding, null));
}

function made(coding: string, first: Buffer | null): Transform[] {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return [zlib.createGunzip({ finishFlush: Z_SYNC_FLUSH })];
    case 'deflate':
      // Meant is the form with zlib's header; some send it without (RFC 9110, 8.4.1.2).
      return first === null || ((first[0] ?? 0) & 0x0f) === 8
        ? [zlib.createInflate({ finishFlush: Z_SYNC_FLUSH })]
        : [zlib.createInflateRaw({ finishFlush: Z_SYNC_FLUSH })];
    case 'br':
      return [zlib.createBrotliDecompress({ finishFlush: BROTLI_OPERATION_FLUSH })];
    case 'zstd':
      return [zlib.createZstdDecompress({ finishFlush: ZSTD_e_flush })];
    default:
      return [];
  }
}
