/**
 * A request that is scanned while it comes: what all dialects do alike with it. What the values at the scanned places
 * mean is told by an outline, which is the dialect's own.
 */
import { edited, insertField, type JsonEdit, replaceField, setString } from '../wire/json-edit.ts';
import type { ParsedText } from '../wire/long-strings.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import { type ByteRange, type RequestScan, RequestScanner, type RequestShape } from '../wire/request-scan.ts';
import { withoutTag } from '../wire/state-tag.ts';
import { checkObject, missing, modelAt, treeOf, valueAt } from './scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, NamedJson, RequestEdits, RequestOutline } from './types.ts';

/** Reads the outline of a request that is an object and names its model. Throws `GatewayError` (400). */
type ReadOutline<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>, model: string) => RequestOutline;

/** Asks for the token counts of a stream, if that is an edit in this dialect; null where nothing is to be edited. */
type AskUsage<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>) => JsonEdit | null;

/** Where the id is of what a request goes on from: asked only where it does. Or that of an answer that it names. */
type KeptIdAt<Name extends string> = (bytes: Buffer, scan: RequestScan<Name>) => ByteRange | null;

/** What a dialect's requests have beside a model. */
interface RequestTraits<Name extends string> {
  readonly askUsage?: AskUsage<Name>;
  readonly keptIdAt?: KeptIdAt<Name>;
  /** Where the id of an earlier answer is that no target is looked for by: our mark on it is taken off. Default: nowhere. */
  readonly namedIdAt?: KeptIdAt<Name>;
  /** The model that a request without one asks for. Default: none, so that every request must name one. */
  readonly defaultModel?: string | null;
}

/** Scans one request of a shape that has a `model`. */
export class ScannedRequest<Name extends string> implements ArrivingRequest {
  readonly #scan: RequestScanner<Name | 'model'>;
  readonly #readOutline: ReadOutline<Name | 'model'>;
  readonly #traits: RequestTraits<Name | 'model'>;

  constructor(
    shape: RequestShape<Name | 'model'>,
    readOutline: ReadOutline<Name | 'model'>,
    traits: RequestTraits<Name | 'model'> = {},
  ) {
    this.#scan = new RequestScanner(shape);
    this.#readOutline = readOutline;
    this.#traits = traits;
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
    const { defaultModel = null } = this.#traits;
    const isNamed = at !== null && (defaultModel === null || valueAt(bytes, at) !== null);
    if (!isNamed && defaultModel === null) throw missing('model');
    const outline = this.#readOutline(bytes, this.#scan, isNamed ? modelAt(bytes, at) : (defaultModel ?? ''));
    const implied = isNamed ? outline : { ...outline, isModelImplied: true };
    return new ReadRequest(bytes, this.#scan, at, implied, this.#traits);
  }
}

class ReadRequest<Name extends string> implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: RequestScan<Name>;
  /** Where the model is said, be it only by JSON's null; null where the request has no such field. */
  readonly #modelAt: ByteRange | null;
  readonly #traits: RequestTraits<Name>;

  constructor(
    bytes: Buffer,
    scan: RequestScan<Name>,
    modelAt: ByteRange | null,
    outline: RequestOutline,
    traits: RequestTraits<Name>,
  ) {
    this.bytes = bytes;
    this.outline = outline;
    this.#scan = scan;
    this.#modelAt = modelAt;
    this.#traits = traits;
  }

  edited({ model, askUsage = false, keptId = null, inPlaceOfModel = null }: RequestEdits): Bytes {
    const edits = [inPlaceOfModel === null ? this.#named(model) : this.#unnamed(inPlaceOfModel)];
    const ask = askUsage ? (this.#traits.askUsage?.(this.bytes, this.#scan) ?? null) : null;
    if (ask !== null) edits.push(ask);
    const keptAt = keptId === null ? null : (this.#traits.keptIdAt?.(this.bytes, this.#scan) ?? null);
    if (keptId !== null && keptAt !== null) edits.push(setString(keptAt, keptId));
    const named = this.#withoutMark(this.#traits.namedIdAt?.(this.bytes, this.#scan) ?? null);
    if (named !== null) edits.push(named);
    if (edits.length > 1) edits.sort((one, other) => one.at.start - other.at.start);
    return edited(this.bytes, edits);
  }

  /** Null for what is no id with a mark of ours. */
  #withoutMark(at: ByteRange | null): JsonEdit | null {
    const value = at === null ? null : valueAt(this.bytes, at);
    if (at === null || typeof value !== 'string') return null;
    const { id, tag } = withoutTag(value);
    return tag === null ? null : setString(at, id);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }

  /** A model that the client left to the API is named, too: the target's may be another than that default. */
  #named(model: string): JsonEdit {
    const at = this.#modelAt;
    return at === null
      ? insertField(this.bytes, this.#scan.root, 'model', JSON.stringify(model))
      : setString(at, model);
  }

  /** Without its model, for an address that names it. */
  #unnamed({ name, json }: NamedJson): JsonEdit {
    const at = this.#modelAt;
    return at === null
      ? insertField(this.bytes, this.#scan.root, name, json)
      : replaceField(this.bytes, at, name, json);
  }
}
