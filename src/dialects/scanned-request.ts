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

/** Scans one request of a shape that has a `model`. */
export class ScannedRequest<Name extends string> implements ArrivingRequest {
  readonly #scan: RequestScanner<Name | 'model'>;
  readonly #readOutline: ReadOutline<Name | 'model'>;
  readonly #askUsage: AskUsage<Name | 'model'> | null;

  constructor(
    shape: RequestShape<Name | 'model'>,
    readOutline: ReadOutline<Name | 'model'>,
    askUsage: AskUsage<Name | 'model'> | null = null,
  ) {
    this.#scan = new RequestScanner(shape);
    this.#readOutline = readOutline;
    this.#askUsage = askUsage;
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
    return new ReadRequest(bytes, this.#scan, at, outline, this.#askUsage);
  }
}

class ReadRequest<Name extends string> implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: RequestScan<Name>;
  readonly #modelAt: ByteRange;
  readonly #askUsage: AskUsage<Name> | null;

  constructor(
    bytes: Buffer,
    scan: RequestScan<Name>,
    modelAt: ByteRange,
    outline: RequestOutline,
    askUsage: AskUsage<Name> | null,
  ) {
    this.bytes = bytes;
    this.outline = outline;
    this.#scan = scan;
    this.#modelAt = modelAt;
    this.#askUsage = askUsage;
  }

  edited({ model, askUsage = false }: RequestEdits): Bytes {
    const rename = setString(this.#modelAt, model);
    const ask = askUsage ? (this.#askUsage?.(this.bytes, this.#scan) ?? null) : null;
    if (ask === null) return edited(this.bytes, [rename]);
    return edited(this.bytes, ask.at.start < rename.at.start ? [ask, rename] : [rename, ask]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}
