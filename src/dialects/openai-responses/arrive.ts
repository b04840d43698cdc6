/**
 * Reads a request for a response while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The items of the input have no field in common (a message may lack its type), so nothing is asked of each of them.
 */
import { edited, setString } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import { type ByteRange, RequestScanner, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import {
  checkObject,
  invalid,
  kindAt,
  missing,
  modelAt,
  sessionKeyAt,
  streamAt,
  treeOf,
  valueAt,
} from '../scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from '../types.ts';

/** What the gateway reads of a request, what bounds the cost of its answer, and what binds it to a provider's store. */
const responsesShape = requestShape({
  keys: [
    'model',
    'input',
    'stream',
    'stream_options',
    'max_output_tokens',
    'temperature',
    'previous_response_id',
    'store',
    'background',
  ],
  sessionKeys: ['prompt_cache_key'],
  records: null,
});

type ResponsesScan = ScanOf<typeof responsesShape>;

export class ArrivingResponses implements ArrivingRequest {
  readonly #scan = new RequestScanner(responsesShape);

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    return new ArrivedResponses(bytes, this.#scan);
  }
}

class ArrivedResponses implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: ResponsesScan;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: ResponsesScan) {
    this.bytes = bytes;
    this.#scan = scan;
    checkObject(bytes, scan);
    const at = scan.value('model');
    if (at === null) throw missing('model');
    this.#modelAt = at;
    const model = modelAt(bytes, at);
    checkInput(bytes, scan.value('input'));
    checkLimit(bytes, scan.value('max_output_tokens'));
    checkTemperature(bytes, scan.value('temperature'));
    this.outline = {
      model,
      stream: streamAt(bytes, scan.value('stream')),
      // A response always has token counts.
      wantsUsage: true,
      choices: 1,
      // There are none in this dialect.
      hasStopSequences: false,
      sessionKey: sessionKeyAt(bytes, scan.value('prompt_cache_key')),
      // A target that does not keep the response before says so itself, and one of another dialect is left out.
      continues: false,
    };
  }

  edited({ model }: RequestEdits): Bytes {
    return edited(this.bytes, [setString(this.#modelAt, model)]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}

/** A stored prompt or conversation may take its place. */
function checkInput(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (value === null || typeof value === 'string' || (Array.isArray(value) && value.length > 0)) return;
  throw invalid('input', 'a string or a non-empty array', kindAt(bytes, range));
}

function checkLimit(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (value === null || (typeof value === 'number' && Number.isInteger(value) && value > 0)) return;
  throw invalid('max_output_tokens', 'a whole number above 0', kindAt(bytes, range));
}

function checkTemperature(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (value === null || (typeof value === 'number' && value >= 0 && value <= 2)) return;
  throw invalid('temperature', 'a number from 0 to 2', kindAt(bytes, range));
}
