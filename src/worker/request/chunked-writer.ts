/**
 * Writes the body of a streamed answer. It frames the chunks itself (RFC 9112, 7.1), so that each goes to the socket in
 * one write. Node would make four: length, line end, bytes and line end. A client without support for chunks (HTTP/1.0)
 * gets only the bytes, and the end of its connection ends the body.
 */
import type { ServerResponse } from 'node:http';

export class ChunkedWriter {
  readonly #outgoing: ServerResponse;
  readonly #inChunks: boolean;

  /** Sends the head. `headers` must contain neither content-length nor transfer-encoding. */
  constructor(outgoing: ServerResponse, status: number, headers: Record<string, string>) {
    this.#outgoing = outgoing;
    this.#inChunks = outgoing.useChunkedEncodingByDefault;
    if (this.#inChunks) headers['transfer-encoding'] = 'chunked';
    outgoing.writeHead(status, headers);
    // Because of that header, Node would frame the chunks a second time.
    outgoing.chunkedEncoding = false;
  }

  /** Writes a chunk. False: write no more until the response's `drain`. `written` is called when the socket has it. */
  write(bytes: Buffer, written?: () => void): boolean {
    return this.#outgoing.write(this.#framed(bytes), 'latin1', written);
  }

  /** Writes the last chunk and completes the body. */
  end(bytes: Buffer): void {
    const last = this.#inChunks ? '0\r\n\r\n' : '';
    this.#outgoing.end(this.#framed(bytes) + last, 'latin1');
  }

  /**
   * The chunk as a latin1 string, one character per byte: Node writes a string and its framing in one piece. No bytes
   * give no chunk, because an empty chunk would end the body.
   */
  #framed(bytes: Buffer): string {
    const text = bytes.toString('latin1');
    return this.#inChunks && text !== '' ? `${bytes.length.toString(16)}\r\n${text}\r\n` : text;
  }
}
