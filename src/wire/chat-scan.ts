/**
 * Reads from a chat request, as its bytes arrive, where the fields are that routing needs, and whether its messages have
 * the form that every provider asks for. It keeps offsets, no text: who has the bytes reads the few values there.
 *
 * A routing field that occurs twice, or again in another case, is refused: parsers differ in which of them they take.
 */
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';
import { foldedKey, type RoutingKey } from './routing-keys.ts';

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The first message that is not as it should be. */
interface MessageFault {
  /** Such as `messages[1].role`. */
  readonly path: string;
  /** What stands there; null: nothing. */
  readonly value: ByteRange | null;
}

/** Where things are in a body that is valid JSON. */
export interface ChatScan {
  /** The whole value, and whether it is an object. */
  readonly root: ByteRange;
  readonly isObject: boolean;
  /** The range of a top-level value; null if the request does not have it. */
  value(key: RoutingKey): ByteRange | null;
  /** Number of items, if `messages` is an array. */
  readonly messages: number;
  readonly messageFault: MessageFault | null;
  readonly bytesOutsideStrings: number;
  /** The places of long strings at any depth, in order: offsets of each start and end, quotes included. */
  readonly longStrings: readonly number[];
}

/** A name that makes a request mean different things to different readers. */
export class AmbiguousKeyError extends JsonFault {
  /** The field, and how it is written there. */
  readonly key: RoutingKey;
  readonly written: string;
  /** Whether it is the same name for every reader, rather than one in another case. */
  readonly isRepeated: boolean;

  constructor(key: RoutingKey, written: string, isRepeated: boolean) {
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
const BACKSLASH = 0x5c;
const ROLE = 'role';

/** Scans one request. `push` and `end` throw `JsonFault`; after `end`, the rest may be read. */
export class ChatScanner implements ChatScan, ScanObserver {
  readonly root: Range = { start: 0, end: 0 };
  isObject = false;
  messages = 0;
  messageFault: MessageFault | null = null;
  readonly longStrings: number[] = [];
  readonly #scan = new JsonScan(this);
  readonly #keys: RoutingKey[] = [];
  readonly #values: Range[] = [];
  /** The value of the routing field that is being read. */
  #value: Range | null = null;
  #inMessages = false;
  #message: Range = { start: 0, end: 0 };
  #messageIsObject = false;
  /** Of the message that is being read. */
  #role: Range | null = null;
  #roleIsString = false;
  #atRole = false;

  get bytesOutsideStrings(): number {
    return this.#scan.bytesOutsideStrings;
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  value(key: RoutingKey): ByteRange | null {
    return this.#values[this.#keys.indexOf(key)] ?? null;
  }

  key(depth: number, bytes: Buffer, from: number, to: number): void {
    if (depth === 1) this.#topKey(bytes, from, to);
    else if (depth === 3 && this.#inMessages) this.#atRole = isRole(bytes, from, to);
  }

  valueStart(depth: number, offset: number, byte: number): void {
    if (depth === 1) {
      if (this.#value !== null) this.#value.start = offset;
      if (byte !== OPEN_BRACKET) this.#inMessages = false;
    } else if (depth === 0) {
      this.root.start = offset;
      this.isObject = byte === OPEN_BRACE;
    } else if (!this.#inMessages) return;
    else if (depth === 2) {
      this.#message.start = offset;
      this.#messageIsObject = byte === OPEN_BRACE;
      this.#role = null;
      this.#roleIsString = false;
    } else if (this.#atRole && this.#messageIsObject) {
      this.#role = { start: offset, end: offset };
      this.#roleIsString = byte === QUOTE;
    }
  }

  valueEnd(depth: number, offset: number): void {
    if (depth === 1) {
      if (this.#value !== null) this.#value.end = offset;
      this.#value = null;
      this.#inMessages = false;
    } else if (depth === 0) this.root.end = offset;
    else if (!this.#inMessages) return;
    else if (depth === 2) {
      this.#message.end = offset;
      this.#judgeMessage();
    } else if (this.#atRole) {
      this.#atRole = false;
      if (this.#role !== null) this.#role.end = offset;
    }
  }

  longString(start: number, end: number): void {
    this.longStrings.push(start, end);
  }

  #topKey(bytes: Buffer, from: number, to: number): void {
    const found = foldedKey(bytes, from, to);
    if (found === null) return;
    const { key, exact } = found;
    if (!exact || this.#keys.includes(key)) throw new AmbiguousKeyError(key, bytes.toString('utf8', from, to), exact);
    const value = { start: 0, end: 0 };
    this.#keys.push(key);
    this.#values.push(value);
    this.#value = value;
    this.#inMessages = key === 'messages';
  }

  #judgeMessage(): void {
    const index = this.messages;
    this.messages += 1;
    if (this.#roleIsString || this.messageFault !== null) return;
    const path = `messages[${index}]`;
    this.messageFault = this.#messageIsObject
      ? { path: `${path}.role`, value: this.#role }
      : { path, value: { ...this.#message } };
  }
}

/** Whether the name is `role`, each of whose letters may be an escape. */
function isRole(bytes: Buffer, from: number, to: number): boolean {
  const length = to - from;
  if (length < ROLE.length || length > '\\u0000'.length * ROLE.length) return false;
  let index = 0;
  while (index < ROLE.length && bytes[from + index] === ROLE.charCodeAt(index)) index += 1;
  if (index === ROLE.length) return length === index;
  return bytes[from + index] === BACKSLASH && JSON.parse(`"${bytes.toString('utf8', from, to)}"`) === ROLE;
}
