/**
 * Finds fields in a form (multipart/form-data, RFC 7578) as its bytes arrive. It keeps offsets, no bytes but a part's
 * head: who has the body reads the few values there, and may replace them.
 *
 *   --BOUNDARY CRLF  head CRLF CRLF  content CRLF  --BOUNDARY CRLF  … CRLF  --BOUNDARY--
 *
 * It takes less than the grammar does: nothing before the first boundary or behind the last one, no folded header, and no
 * field that is looked for twice. Of such a form, two readers could take two different values.
 */
import { type FormField, formField, MultipartFault, unescapedName } from './form-field.ts';
import { headerParameters } from './header-parameters.ts';
import type { ByteRange } from './request-scan.ts';

/** RFC 2046, 5.1.1. */
const boundaryText = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/** A longer head of a part is refused: it has a name, a file's name and a type. */
const MAX_HEAD_BYTES = 8 * 1024;

const MAX_PARTS = 1000;

const NOTHING = Buffer.alloc(0);
const HEAD_END = '\r\n\r\n';
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DASH = 0x2d;

/** A field that was looked for. */
interface FoundField extends FormField {
  readonly value: ByteRange;
}

type State =
  /** Within the first boundary. */
  | 'start'
  /** Behind a boundary: what follows says whether another part does. */
  | 'boundary'
  | 'padding'
  | 'line-end'
  | 'last'
  | 'head'
  | 'content'
  | 'end';

export class MultipartScanner {
  readonly #names: readonly string[];
  /** With its CR LF. */
  readonly #delimiter: Buffer;
  readonly #found = new Map<string, FoundField>();
  #state: State = 'start';
  /** Bytes before the current chunk. */
  #offset = 0;
  /** Bytes of the first boundary that were there. */
  #matched = 0;
  #parts = 0;
  #head = '';
  /** The field whose content comes, if it is looked for, and where that began. */
  #field: FormField | null = null;
  #contentStart = 0;
  /** The last bytes of the content so far: a boundary may have begun in them. */
  #tail: Buffer = NOTHING;

  /**
   * Throws `MultipartFault`.
   *
   * @param contentType the request's, which has the boundary
   * @param names the fields to look for
   */
  constructor(contentType: string, names: readonly string[]) {
    this.#names = names;
    const boundary = headerParameters(contentType)?.get('boundary') ?? '';
    if (!boundaryText.test(boundary))
      throw new MultipartFault('has no boundary in its content-type, or none that can be one');
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** Throws `MultipartFault`. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#take(chunk, at);
    this.#offset += chunk.length;
  }

  /** Throws `MultipartFault`. */
  end(): void {
    if (this.#state !== 'end') throw new MultipartFault('ends before its last boundary');
  }

  /** A field that was looked for; null if the form does not have it. */
  field(name: string): FoundField | null {
    return this.#found.get(name) ?? null;
  }

  /** Takes what it can from `at` on, and returns where the rest begins. */
  #take(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(chunk, at);
      case 'content':
        return this.#takeContent(chunk, at);
      default:
        this.#state = this.#next(this.#state, chunk[at] ?? 0);
        return at + 1;
    }
  }

  #next(state: Exclude<State, 'head' | 'content'>, byte: number): State {
    switch (state) {
      case 'start': {
        // The first boundary has no line before it.
        const expected = this.#delimiter[2 + this.#matched];
        if (byte !== expected) throw new MultipartFault('does not begin with its boundary');
        this.#matched += 1;
        return this.#matched + 2 === this.#delimiter.length ? 'boundary' : 'start';
      }
      case 'boundary':
        if (byte === DASH) return 'last';
        return this.#next('padding', byte);
      case 'padding':
        if (byte === SPACE || byte === TAB) return 'padding';
        if (byte === CR) return 'line-end';
        throw new MultipartFault('has a line that only begins with its boundary');
      case 'line-end':
        if (byte !== LF) throw new MultipartFault('has a line that only begins with its boundary');
        this.#beginPart();
        return 'head';
      case 'last':
        if (byte !== DASH) throw new MultipartFault('has a line that only begins with its boundary');
        return 'end';
      case 'end':
        if (byte === SPACE || byte === TAB || byte === CR || byte === LF) return 'end';
        throw new MultipartFault('goes on behind its last boundary');
      default:
        return state satisfies never;
    }
  }

  #beginPart(): void {
    this.#parts += 1;
    if (this.#parts > MAX_PARTS) throw new MultipartFault(`has more than ${MAX_PARTS} parts`);
    // A head without any header is an empty line alone, which the line of the boundary ends.
    this.#head = '\r\n';
  }

  #takeHead(chunk: Buffer, at: number): number {
    const before = this.#head.length;
    const searchFrom = Math.max(0, before - HEAD_END.length + 1);
    this.#head += chunk.toString('latin1', at, at + MAX_HEAD_BYTES - before);
    const end = this.#head.indexOf(HEAD_END, searchFrom);
    if (end < 0) {
      if (this.#head.length < MAX_HEAD_BYTES) return chunk.length;
      throw new MultipartFault(`has a part whose head is larger than ${MAX_HEAD_BYTES} bytes`);
    }
    const contentAt = at + end + HEAD_END.length - before;
    this.#beginContent(formField(this.#head.slice(2, end)), this.#offset + contentAt);
    return contentAt;
  }

  #beginContent(field: FormField, start: number): void {
    this.#state = 'content';
    this.#head = '';
    this.#tail = NOTHING;
    this.#contentStart = start;
    const { name } = field;
    const isKnown = this.#names.includes(name);
    if (!isKnown && this.#names.includes(unescapedName(name))) {
      throw new MultipartFault(`has a field that some take for '${unescapedName(name)}'`);
    }
    if (isKnown && this.#found.has(name)) throw new MultipartFault(`has the field '${name}' twice`);
    this.#field = isKnown ? field : null;
  }

  #takeContent(chunk: Buffer, at: number): number {
    const tail = this.#tail;
    const { length } = this.#delimiter;
    const seam = tail.length === 0 ? NOTHING : Buffer.concat([tail, chunk.subarray(at, at + length - 1)]);
    const inSeam = seam.indexOf(this.#delimiter);
    const found = inSeam < 0 ? chunk.indexOf(this.#delimiter, at) : at + inSeam - tail.length;
    if (found >= 0 || inSeam >= 0) {
      this.#endContent(this.#offset + found);
      return found + length;
    }
    const rest = chunk.length - at;
    const kept = rest < length - 1 ? Buffer.concat([tail, chunk.subarray(at)]) : chunk.subarray(at);
    // A copy: the chunk is not held for its last bytes.
    this.#tail = Buffer.from(kept.subarray(Math.max(0, kept.length - length + 1)));
    return chunk.length;
  }

  #endContent(end: number): void {
    this.#state = 'boundary';
    const field = this.#field;
    if (field !== null) this.#found.set(field.name, { ...field, value: { start: this.#contentStart, end } });
  }
}
