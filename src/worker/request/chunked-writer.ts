/**
 * The body of a stream's answer. Chunks are framed here (RFC 9112, 7.1), so that each goes to the socket as one piece:
 * Node would hand over four: length, line end, bytes and line end. A client that cannot take chunks (HTTP/1.0) gets the
 * bytes alone, ended by the end of its connection.
 */
import type { ServerResponse } from 'node:http';

export class ChunkedWriter {
  readonly #outgoing: ServerResponse;
  readonly #inChunks: boolean;

  /** Sends the head; `headers` must tell neither length nor encoding. */
  constructor(outgoing: ServerResponse, status: number, headers: Record<string, string>) {
    this.#outgoing = outgoing;
    this.#inChunks = outgoing.useChunkedEncodingByDefault;
    if (this.#inChunks) headers['transfer-encoding'] = 'chunked';
    outgoing.writeHead(status, headers);
    // Node has read from the head that chunks follow, and would frame what is framed already.
    outgoing.chunkedEncoding = false;
  }

  /** False: no more until the response's `drain`. `written` is called when the socket has taken it. */
  write(bytes: Buffer, written?: () => void): boolean {
    return this.#outgoing.write(this.#framed(bytes), 'latin1', written);
  }

  /** Makes the body whole. */
  end(bytes: Buffer): void {
    const last = this.#inChunks ? '0\r\n\r\n' : '';
    this.#outgoing.end(this.#framed(bytes) + last, 'latin1');
  }

  /**
   * A character for each byte: a string goes through Node in one piece with what stands around it. No bytes are no
   * chunk, since an empty one would end the body.
   */
  #framed(bytes: Buffer): string {
    const text = bytes.toString('latin1');
    return this.#inChunks && text !== '' ? `${bytes.length.toString(16)}\r\n${text}\r\n` : text;
  }
}
