/**
 * A request that is scanned while it comes: what all dialects do alike with it. What the values at the scanned places
 * mean is told by an outline, which is the dialect's own.
 */
import { edited, setString } from '../wire/json-edit.ts';
import type { ParsedText } from '../wire/long-strings.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import { type ByteRange, type RequestScan, RequestScanner, type RequestShape } from '../wire/request-scan.ts';
import { checkObject, missing, modelAt, treeOf } from './scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from './types.ts';

/** Reads the outline of a request that is an object and names its model. Throws `GatewayError` (400). */
type ReadOutline<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>, model: string) => RequestOutline;

/** Scans one request of a shape that has a `model`. */
export class ScannedRequest<Name extends string> implements ArrivingRequest {
  readonly #scan: RequestScanner<Name | 'model'>;
  readonly #readOutline: ReadOutline<Name | 'model'>;

  constructor(shape: RequestShape<Name | 'model'>, readOutline: ReadOutline<Name | 'model'>) {
    this.#scan = new RequestScanner(shape);
    this.#readOutline = readOutline;
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
    return new ReadRequest(bytes, this.#scan, at, outline);
  }
}

class ReadRequest implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: RequestScan<never>;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: RequestScan<never>, modelAt: ByteRange, outline: RequestOutline) {
    this.bytes = bytes;
    this.outline = outline;
    this.#scan = scan;
    this.#modelAt = modelAt;
  }

  edited({ model }: RequestEdits): Bytes {
    return edited(this.bytes, [setString(this.#modelAt, model)]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}
