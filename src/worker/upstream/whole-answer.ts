/** An answer in one piece while it comes: its bytes, and what can be told of them before its end. */
import { parseJson } from '../../shared/json.ts';
import { ByteHold } from '../../wire/byte-hold.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { areLines, withoutByteOrderMark } from '../../wire/whole-body.ts';

const SPACE = 32;

export class WholeAnswer {
  readonly #hold = new ByteHold();
  #digest: JsonDigest | null = null;
  /** It is not one JSON object per line. */
  #isOneValue = false;
  #lineEnded = false;

  get bytes(): Buffer {
    return this.#hold.bytes;
  }

  get length(): number {
    return this.#hold.length;
  }

  /** Of a large one. */
  get digest(): JsonDigest | null {
    return this.#digest;
  }

  /** @param most bytes that may come in all */
  keep(chunk: Buffer, most: number): void {
    this.#hold.push(chunk, most);
  }

  clear(): void {
    this.#hold.clear();
  }

  /** A large one is looked at while it comes: at its end that would take one long turn, and other requests wait. */
  look(chunk: Buffer): void {
    if (this.#digest !== null) this.#digest.push(chunk);
    else if (this.#hold.length >= LARGE_BYTES) this.#digest = JsonDigest.of(withoutByteOrderMark(this.#hold.bytes));
  }

  /** Whether what has come is JSON with nothing missing. Looks at all of a small one. */
  isWholeJson(): boolean {
    return this.#digest?.isWhole ?? parseJson(withoutByteOrderMark(this.bytes).toString('utf8')) !== undefined;
  }

  /** Whether it is JSON line by line, which some servers stream. @param chunk the last piece, which is kept */
  isInLines(chunk: Buffer): boolean {
    if (this.#isOneValue) return false;
    if (this.#digest !== null) return this.#digest.isSound && !this.#digest.isWhole;
    this.#lineEnded ||= chunk.includes('\n');
    if (!this.#lineEnded || !chunk.some((byte) => byte > SPACE)) return false;
    const areJsonLines = areLines(this.bytes);
    this.#isOneValue = areJsonLines !== null;
    return areJsonLines === true;
  }
}
