/**
 * Reads a request for the completion of a text while it comes: only what routing needs, and what every provider would
 * refuse, to save that round trip. All other fields pass through unchanged. A prompt is none of those: it has a default,
 * and some servers take it in another field.
 */
import { edited, setString } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import { type ByteRange, RequestScanner, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import {
  checkObject,
  choicesAt,
  hasStopAt,
  includesUsageAt,
  missing,
  modelAt,
  streamAt,
  treeOf,
} from '../scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from '../types.ts';

const completionShape = requestShape({
  keys: ['model', 'prompt', 'stream', 'stream_options', 'n', 'stop'],
  sessionKeys: [],
  // Prompts are no records; but they are counted as such.
  records: { under: 'prompt', field: 'text' },
});

type CompletionScan = ScanOf<typeof completionShape>;

const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

export class ArrivingCompletion implements ArrivingRequest {
  readonly #scan = new RequestScanner(completionShape);

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    return new ArrivedCompletion(bytes, this.#scan);
  }
}

class ArrivedCompletion implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: CompletionScan;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: CompletionScan) {
    this.bytes = bytes;
    this.#scan = scan;
    checkObject(bytes, scan);
    const at = scan.value('model');
    if (at === null) throw missing('model');
    this.#modelAt = at;
    this.outline = {
      model: modelAt(bytes, at),
      stream: streamAt(bytes, scan.value('stream')),
      wantsUsage: includesUsageAt(bytes, scan.value('stream_options')),
      choices: choicesAt(bytes, scan.value('n')) * promptsOf(bytes, scan),
      hasStopSequences: hasStopAt(bytes, scan.value('stop')),
      sessionKey: null,
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

/** How many texts are to be completed: a list of numbers is one of them, in tokens. */
function promptsOf(bytes: Buffer, scan: CompletionScan): number {
  const range = scan.value('prompt');
  if (range === null || scan.records < 2) return 1;
  const first = bytes.subarray(range.start + 1, range.end).find((byte) => byte > 0x20);
  return first === QUOTE || first === OPEN_BRACKET ? scan.records : 1;
}
