/** Collects whole log lines into blocks, since each write is a system call. */

/** Takes complete lines. */
export interface LineSink {
  write(line: string): void;
}

/** Takes blocks of complete lines. */
export interface BlockSink {
  /** @param bytes length of the block in UTF-8 */
  write(block: string, lines: number, bytes: number): void;
}

export class LineBlocks implements LineSink {
  readonly #destination: BlockSink;
  readonly #largest: number;
  #block = '';
  #lines = 0;
  #bytes = 0;

  /** @param largest most bytes of a block, unless a single line is longer */
  constructor(destination: BlockSink, largest: number) {
    this.#destination = destination;
    this.#largest = largest;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#largest) this.flushSync();
    this.#block += line;
    this.#lines += 1;
    this.#bytes += bytes;
  }

  /** Writes the waiting lines. */
  flushSync(): void {
    if (this.#bytes === 0) return;
    const block = this.#block;
    const lines = this.#lines;
    const bytes = this.#bytes;
    this.#block = '';
    this.#lines = 0;
    this.#bytes = 0;
    this.#destination.write(block, lines, bytes);
  }
}
