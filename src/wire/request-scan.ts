/**
 * Reads from a request, as its bytes arrive, where the fields are that routing needs, and whether the records of its list
 * (messages, of a chat) have the form that every provider asks for. What those are is a dialect's, and said by a shape.
 * It keeps offsets, no text: who has the bytes reads the few values there.
 *
 * A routing field that occurs twice, or again in another case, is refused: parsers differ in which of them they take.
 */
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';
import { isName, KeyTable } from './routing-keys.ts';

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is read of the requests of one dialect. */
interface ShapeParts<Strict extends string, Session extends string> {
  /** Names at the top that decide what becomes of a request. One that is repeated, or in another case, is refused. */
  readonly keys: readonly Strict[];
  /** Names at the top that say which requests belong together. Never refused; the last one counts. */
  readonly sessionKeys: readonly Session[];
  /** Which of the keys is a list of objects, and the field that must be a string in each. */
  readonly records: { readonly under: NoInfer<Strict>; readonly field: string } | null;
}

/** The shape of a dialect's requests: made once, by `requestShape`. */
export interface RequestShape<Name extends string> {
  readonly table: KeyTable<Name>;
  readonly records: { readonly under: string; readonly field: string } | null;
}

/** The scan of a request of that shape. */
export type ScanOf<Shape> = Shape extends RequestShape<infer Name> ? RequestScan<Name> : never;

/** Throws if a name is too long. */
export function requestShape<const Strict extends string, const Session extends string>({
  keys,
  sessionKeys,
  records,
}: ShapeParts<Strict, Session>): RequestShape<Strict | Session> {
  return { table: new KeyTable<Strict | Session>(keys, sessionKeys), records };
}

/** The first record that is not as it should be. */
interface RecordFault {
  /** Such as `messages[1].role`. */
  readonly path: string;
  /** What should stand there: the record is an object, and its field a string. */
  readonly expected: 'object' | 'string';
  /** What stands there; null: nothing. */
  readonly value: ByteRange | null;
}

/** Where things are in a body that is valid JSON. */
export interface RequestScan<Name extends string> {
  /** The whole value, and whether it is an object. */
  readonly root: ByteRange;
  readonly isObject: boolean;
  /** The range of a top-level value; null if the request does not have it. */
  value(name: Name): ByteRange | null;
  /** Number of items, if what should be the list of records is an array. */
  readonly records: number;
  readonly recordFault: RecordFault | null;
  readonly bytesOutsideStrings: number;
  /** The places of long strings at any depth, in order: offsets of each start and end, quotes included. */
  readonly longStrings: readonly number[];
}

/** A name that makes a request mean different things to different readers. */
export class AmbiguousKeyError extends JsonFault {
  /** The field, and how it is written there. */
  readonly key: string;
  readonly written: string;
  /** Whether it is the same name for every reader, rather than one in another case. */
  readonly isRepeated: boolean;

  constructor(key: string, written: string, isRepeated: boolean) {
    super('key', `the field "${key}" again`);
    this.key = key;
    this.written = written;
    this.isRepeated = isRepeated;
  }
}

interface Range {
  start: number;
  end: number;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

/** Scans one request. `push` and `end` throw `JsonFault`; after `end`, the rest may be read. */
export class RequestScanner<Name extends string> implements RequestScan<Name>, ScanObserver {
  readonly root: Range = { start: 0, end: 0 };
  isObject = false;
  records = 0;
  recordFault: RecordFault | null = null;
  readonly longStrings: number[] = [];
  readonly #shape: RequestShape<Name>;
  readonly #scan = new JsonScan(this);
  readonly #names: Name[] = [];
  readonly #values: Range[] = [];
  /** The value of the known field that is being read. */
  #value: Range | null = null;
  #inRecords = false;
  #record: Range = { start: 0, end: 0 };
  #recordIsObject = false;
  /** The field of the record that is being read. */
  #field: Range | null = null;
  #fieldIsString = false;
  #atField = false;

  constructor(shape: RequestShape<Name>) {
    this.#shape = shape;
  }

  get bytesOutsideStrings(): number {
    return this.#scan.bytesOutsideStrings;
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  value(name: Name): ByteRange | null {
    return this.#values[this.#names.indexOf(name)] ?? null;
  }

  key(depth: number, bytes: Buffer, from: number, to: number): void {
    if (depth === 1) this.#topKey(bytes, from, to);
    else if (depth === 3 && this.#inRecords) {
      const field = this.#shape.records?.field;
      this.#atField = field !== undefined && isName(field, bytes, from, to);
    }
  }

  valueStart(depth: number, offset: number, byte: number): void {
    if (depth === 1) {
      if (this.#value !== null) this.#value.start = offset;
      if (byte !== OPEN_BRACKET) this.#inRecords = false;
    } else if (depth === 0) {
      this.root.start = offset;
      this.isObject = byte === OPEN_BRACE;
    } else if (!this.#inRecords) return;
    else if (depth === 2) {
      this.#record.start = offset;
      this.#recordIsObject = byte === OPEN_BRACE;
      this.#field = null;
      this.#fieldIsString = false;
    } else if (this.#atField && this.#recordIsObject) {
      this.#field = { start: offset, end: offset };
      this.#fieldIsString = byte === QUOTE;
    }
  }

  valueEnd(depth: number, offset: number): void {
    if (depth === 1) {
      if (this.#value !== null) this.#value.end = offset;
      this.#value = null;
      this.#inRecords = false;
    } else if (depth === 0) this.root.end = offset;
    else if (!this.#inRecords) return;
    else if (depth === 2) {
      this.#record.end = offset;
      this.#judgeRecord();
    } else if (this.#atField) {
      this.#atField = false;
      if (this.#field !== null) this.#field.end = offset;
    }
  }

  longString(start: number, end: number): void {
    this.longStrings.push(start, end);
  }

  #topKey(bytes: Buffer, from: number, to: number): void {
    const found = this.#shape.table.find(bytes, from, to);
    if (found === null) return;
    const { name, isStrict, isExact } = found;
    const before = this.#names.indexOf(name);
    if (isStrict && (!isExact || before >= 0)) {
      throw new AmbiguousKeyError(name, bytes.toString('utf8', from, to), isExact);
    }
    const value = { start: 0, end: 0 };
    if (before < 0) {
      this.#names.push(name);
      this.#values.push(value);
    } else this.#values[before] = value;
    this.#value = value;
    this.#inRecords = name === this.#shape.records?.under;
  }

  #judgeRecord(): void {
    const index = this.records;
    this.records += 1;
    const { records } = this.#shape;
    if (this.#fieldIsString || this.recordFault !== null || records === null) return;
    const path = `${records.under}[${index}]`;
    this.recordFault = this.#recordIsObject
      ? { path: `${path}.${records.field}`, expected: 'string', value: this.#field }
      : { path, expected: 'object', value: { ...this.#record } };
  }
}
