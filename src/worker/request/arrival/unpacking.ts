/**
 * A body that a client has packed (content-encoding), unpacked as it comes. The work is done in the thread pool, a piece
 * at a time, so other requests have their turns between two pieces. What is unpacked is bounded by whoever takes it: a
 * body of a megabyte may stand for a thousand.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { GatewayError } from '../../../shared/errors.ts';

export type Coding = 'gzip' | 'br' | 'zstd' | 'deflate';

/** What is understood, as a header says it. */
export const TAKEN_CODINGS = 'gzip, br, zstd, deflate';

/** Of what is unpacked, at once. */
const PIECE_BYTES = 64 * 1024;

/** The largest window that a packer may use for HTTP (RFC 9659); memory for it is taken as it is written to. */
const ZSTD_WINDOW_LOG = 23;

/** How a body is packed; null if it is not. Throws `unsupported_content_encoding` (415). */
export function codingOf(headers: IncomingHttpHeaders): Coding | null {
  const value = headers['content-encoding'];
  if (value === undefined) return null;
  const codings = value
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const [coding] = codings;
  if (coding === undefined) return null;
  if (codings.length === 1) {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return 'gzip';
      case 'br':
      case 'zstd':
      case 'deflate':
        return coding;
    }
  }
  const text = `The body should be sent as it is, or with one content-encoding of ${TAKEN_CODINGS}.`;
  throw new GatewayError('unsupported_content_encoding', text);
}

/** Where the unpacked bytes go. */
interface UnpackedSink {
  take(chunk: Buffer): void;
  /** All of them were taken. */
  complete(): void;
  /** Takes more packed bytes again. */
  drained(): void;
  broken(error: GatewayError): void;
}

/** Unpacks one body. */
export class Unpacker {
  readonly #transform: Transform;

  constructor(coding: Coding, sink: UnpackedSink) {
    this.#transform = transformFor(coding)
      .on('data', (chunk: Buffer) => sink.take(chunk))
      .on('end', () => sink.complete())
      .on('drain', () => sink.drained())
      .on('error', (cause) => sink.broken(notSo(coding, cause)));
  }

  /** Takes bytes as they came. False: no more should come before `drained`. */
  push(chunk: Buffer): boolean {
    return this.#transform.write(chunk);
  }

  /** No more bytes will come. */
  end(): void {
    this.#transform.end();
  }

  /** Gives up what is left. */
  stop(): void {
    this.#transform.destroy();
  }
}

function transformFor(coding: Coding): Transform {
  const options = { chunkSize: PIECE_BYTES };
  const strict = { ...options, rejectGarbageAfterEnd: true };
  switch (coding) {
    case 'gzip':
      // It may have several members, one after the other.
      return zlib.createGunzip(options);
    case 'deflate':
      return zlib.createInflate(strict);
    case 'br':
      return zlib.createBrotliDecompress(strict);
    case 'zstd':
      return zlib.createZstdDecompress({
        ...strict,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
      });
    default:
      return coding satisfies never;
  }
}

function notSo(coding: Coding, cause: Error): GatewayError {
  const how = coding === 'zstd' ? `${coding} with a window of at most 8 MiB` : coding;
  return new GatewayError('invalid_content_encoding', `The body is not whole, or not packed as ${how}.`, { cause });
}
