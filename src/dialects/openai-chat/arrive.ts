/**
 * Reads a chat completion request while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The scan knows where these fields are; only they are parsed. It is written by hand and uses no schema, because it runs
 * for every request and its messages name the field as OpenAI does.
 */
import { edited, setString } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import { type ByteRange, RequestScanner, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import {
  checkObject,
  checkRecords,
  choicesAt,
  hasStopAt,
  includesUsageAt,
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

/** What the gateway reads of a chat completion, and what bounds the cost of its answer. */
export const chatShape = requestShape({
  keys: [
    'model',
    'messages',
    'stream',
    'stream_options',
    'n',
    'stop',
    'temperature',
    'max_tokens',
    'max_completion_tokens',
  ],
  sessionKeys: ['prompt_cache_key'],
  records: { under: 'messages', field: 'role' },
});

/** The scan of a chat completion. */
export type ChatScan = ScanOf<typeof chatShape>;

export class ArrivingChat implements ArrivingRequest {
  readonly #scan = new RequestScanner(chatShape);

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    return new ArrivedChat(bytes, this.#scan);
  }
}

class ArrivedChat implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: ChatScan;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: ChatScan) {
    this.bytes = bytes;
    this.#scan = scan;
    checkObject(bytes, scan);
    const at = scan.value('model');
    if (at === null) throw missing('model');
    this.#modelAt = at;
    const model = modelAt(bytes, at);
    checkRecords(bytes, scan, 'messages', scan.value('messages'));
    checkTemperature(bytes, scan.value('temperature'));
    this.outline = {
      model,
      stream: streamAt(bytes, scan.value('stream')),
      wantsUsage: includesUsageAt(bytes, scan.value('stream_options')),
      choices: choicesAt(bytes, scan.value('n')),
      hasStopSequences: hasStopAt(bytes, scan.value('stop')),
      sessionKey: sessionKeyAt(bytes, scan.value('prompt_cache_key')),
    };
  }

  edited({ model }: RequestEdits): Bytes {
    return edited(this.bytes, [setString(this.#modelAt, model)]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}

function checkTemperature(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (range === null || value === null || (typeof value === 'number' && value >= 0 && value <= 2)) return;
  throw invalid('temperature', 'a number from 0 to 2', kindAt(bytes, range));
}
