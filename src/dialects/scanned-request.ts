/**
 * A request that is scanned while it comes: what all dialects do alike with it. What the values at the scanned places
 * mean is told by an outline, which is the dialect's own.
 */
import { edited, type JsonEdit, setString } from '../wire/json-edit.ts';
import type { ParsedText } from '../wire/long-strings.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import { type ByteRange, type RequestScan, RequestScanner, type RequestShape } from '../wire/request-scan.ts';
import { checkObject, missing, modelAt, treeOf } from './scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from './types.ts';

/** Reads the outline of a request that is an object and names its model. Throws `GatewayError` (400). */
type ReadOutline<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>, model: string) => RequestOutline;

/** Asks for the token counts of a stream, if that is an edit in this dialect; null where nothing is to be edited. */
type AskUsage<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>) => JsonEdit | null;

/** Where the id is of what a request goes on from. Asked only of a request that goes on from something. */
type KeptIdAt<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>) => ByteRange | null;

/** What may be edited of a request beside its model. */
interface MoreEdits<Name extends string> {
  readonly askUsage?: AskUsage<Name>;
  readonly keptIdAt?: KeptIdAt<Name>;
}

/** Scans one request of a shape that has a `model`. */
export class ScannedRequest<Name extends string> implements ArrivingRequest {
  readonly #scan: RequestScanner<Name | 'model'>;
  readonly #readOutline: ReadOutline<Name | 'model'>;
  readonly #edits: MoreEdits<Name | 'model'>;

  constructor(
    shape: RequestShape<Name | 'model'>,
    readOutline: ReadOutline<Name | 'model'>,
    edits: MoreEdits<Name | 'model'> = {},
  ) {
    this.#scan = new RequestScanner(shape);
    this.#readOutline = readOutline;
    this.#edits = edits;
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    checkObject(bytes, this.#scan);
    const at = this.#scan.value('model');
    if (at === null) throw missing('model');
    const outline = this.#readOutline(bytes, this.#scan, modelAt(bytes, at));
    return new ReadRequest(bytes, this.#scan, at, outline, this.#edits);
  }
}

class ReadRequest<Name extends string> implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: RequestScan<Name>;
  readonly #modelAt: ByteRange;
  readonly #edits: MoreEdits<Name>;

  constructor(
    bytes: Buffer,
    scan: RequestScan<Name>,
    modelAt: ByteRange,
    outline: RequestOutline,
    edits: MoreEdits<Name>,
  ) {
    this.bytes = bytes;
    this.outline = outline;
    this.#scan = scan;
    this.#modelAt = modelAt;
    this.#edits = edits;
  }

  edited({ model, askUsage = false, keptId }: RequestEdits): Bytes {
    const edits = [setString(this.#modelAt, model)];
    const ask = askUsage ? (this.#edits.askUsage?.(this.bytes, this.#scan) ?? null) : null;
    if (ask !== null) edits.push(ask);
    const keptAt = keptId === undefined ? null : (this.#edits.keptIdAt?.(this.bytes, this.#scan) ?? null);
    if (keptId !== undefined && keptAt !== null) edits.push(setString(keptAt, keptId));
    if (edits.length > 1) edits.sort((one, other) => one.at.start - other.at.start);
    return edited(this.bytes, edits);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}
