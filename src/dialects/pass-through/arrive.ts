/**
 * Reads a request of a plain API while it comes: its model, whether it wants a stream, and what every provider would
 * refuse, to save that round trip. All other fields pass through unchanged.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { edited, insertField, setString } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import { type ByteRange, RequestScanner, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { checkObject, choicesAt, missing, modelAt, streamAt, treeOf, valueAt } from '../scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from '../types.ts';
import { ArrivingForm } from './arrive-form.ts';
import type { PlainApi } from './plain-api.ts';

type PlainShape = ReturnType<typeof shapeOf>;
type PlainScan = ScanOf<PlainShape>;

/** How requests of an API are read, by what they are. */
export function arrivalOf(api: PlainApi): (headers: IncomingHttpHeaders) => ArrivingRequest {
  const names = namesOf(api);
  const shape = shapeOf(names);
  return ({ 'content-type': type = '' }) =>
    type.toLowerCase().startsWith('multipart/') ? new ArrivingForm(api, names, type) : new ArrivingPlain(api, shape);
}

/** The fields that decide what becomes of a request. */
function namesOf({ required, streamBy }: PlainApi): readonly string[] {
  return ['model', ...(streamBy === null ? [] : [streamBy, 'n']), ...required];
}

function shapeOf(keys: readonly string[]) {
  return requestShape<string, never>({ keys, sessionKeys: [], records: null });
}

class ArrivingPlain implements ArrivingRequest {
  readonly #api: PlainApi;
  readonly #scan: RequestScanner<string>;

  constructor(api: PlainApi, shape: PlainShape) {
    this.#api = api;
    this.#scan = new RequestScanner(shape);
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    return new ArrivedPlain(bytes, this.#scan, this.#api);
  }
}

class ArrivedPlain implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: PlainScan;
  /** Where the model is said, be it only by JSON's null; null where the request has no such field. */
  readonly #modelAt: ByteRange | null;

  constructor(bytes: Buffer, scan: PlainScan, { defaultModel, required, streamBy }: PlainApi) {
    this.bytes = bytes;
    this.#scan = scan;
    checkObject(bytes, scan);
    const at = scan.value('model');
    this.#modelAt = at;
    const isNamed = at !== null && (defaultModel === null || valueAt(bytes, at) !== null);
    if (!isNamed && defaultModel === null) throw missing('model');
    for (const name of required) if (scan.value(name) === null) throw missing(name);
    this.outline = {
      model: isNamed ? modelAt(bytes, at) : (defaultModel ?? ''),
      ...(isNamed ? {} : { isModelImplied: true }),
      stream:
        streamBy === 'stream_format' ? isSseAt(bytes, scan.value(streamBy)) : streamAt(bytes, scan.value('stream')),
      wantsUsage: false,
      choices: choicesAt(bytes, scan.value('n')),
      hasStopSequences: false,
      sessionKey: null,
      continues: null,
    };
  }

  /** A model that the client left to the API is named, too: the target's may be another than that default. */
  edited({ model }: RequestEdits): Bytes {
    const at = this.#modelAt;
    const edit =
      at === null ? insertField(this.bytes, this.#scan.root, 'model', JSON.stringify(model)) : setString(at, model);
    return edited(this.bytes, [edit]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}

function isSseAt(bytes: Buffer, range: ByteRange | null): boolean {
  return range !== null && valueAt(bytes, range) === 'sse';
}
