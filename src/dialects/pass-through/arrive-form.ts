/**
 * Reads a request that is a form (multipart/form-data) while it comes: the same fields as of JSON, wherever they stand
 * among its files. Only the model's value is replaced; all other bytes, boundaries included, pass through unchanged.
 */
import { GatewayError } from '../../shared/errors.ts';
import { MultipartFault } from '../../wire/form-field.ts';
import { edited } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import { MultipartScanner } from '../../wire/multipart.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import type { ByteRange } from '../../wire/request-scan.ts';
import { invalid, missing } from '../scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from '../types.ts';
import type { PlainApi } from './plain-api.ts';

/** A longer value is none that is known here. */
const LONGEST_VALUE = 16 * 1024;

export class ArrivingForm implements ArrivingRequest {
  readonly #api: PlainApi;
  readonly #names: readonly string[];
  readonly #contentType: string;
  #scan: MultipartScanner | null = null;

  /** @param names the fields to look for */
  constructor(api: PlainApi, names: readonly string[], contentType: string) {
    this.#api = api;
    this.#names = names;
    this.#contentType = contentType;
  }

  push(chunk: Buffer): void {
    this.#tell((scan) => scan.push(chunk));
  }

  end(): void {
    this.#tell((scan) => scan.end());
  }

  read(bytes: Buffer): ArrivedRequest {
    return this.#tell((scan) => new ArrivedForm(bytes, scan, this.#api, this.#contentType));
  }

  /** The scanner is made late: its fault is the body's, and told when that is refused. */
  #tell<Result>(act: (scan: MultipartScanner) => Result): Result {
    try {
      this.#scan ??= new MultipartScanner(this.#contentType, this.#names);
      return act(this.#scan);
    } catch (fault) {
      if (!(fault instanceof MultipartFault)) throw fault;
      throw new GatewayError('invalid_value', `The body, as multipart/form-data, ${fault.message}.`, { cause: fault });
    }
  }
}

class ArrivedForm implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly outline: RequestOutline;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: MultipartScanner, { required }: PlainApi, contentType: string) {
    this.bytes = bytes;
    this.contentType = contentType;
    const at = scan.field('model')?.value;
    if (at === undefined) throw missing('model');
    this.#modelAt = at;
    for (const name of required) if (scan.field(name) === null) throw missing(name);
    const model = textOf(bytes, scan, 'model') ?? '';
    if (model === '') throw invalid('model', 'a non-empty string', 'an empty string');
    this.outline = {
      model,
      stream: /^(?:true|1|on|yes|t|y)$/i.test(textOf(bytes, scan, 'stream') ?? ''),
      wantsUsage: false,
      choices: Math.max(1, Number(textOf(bytes, scan, 'n')) || 1),
      hasStopSequences: false,
      sessionKey: null,
      continues: null,
    };
  }

  edited({ model }: RequestEdits): Bytes {
    return edited(this.bytes, [{ at: this.#modelAt, by: Buffer.from(model) }]);
  }

  parsed(): ParsedText {
    throw new Error('a form has no tree, and nothing that it could be translated to');
  }
}

/** The value of a field; null if the form does not have it. Throws `invalid_value` if it is no text as it stands there. */
function textOf(bytes: Buffer, scan: MultipartScanner, name: string): string | null {
  const field = scan.field(name);
  if (field === null) return null;
  if (field.isFile) throw invalid(name, 'a text', 'a file');
  if (!field.isPlain) throw invalid(name, 'a text', 'an encoded one');
  const { start, end } = field.value;
  return bytes.toString('utf8', start, Math.min(end, start + LONGEST_VALUE));
}
