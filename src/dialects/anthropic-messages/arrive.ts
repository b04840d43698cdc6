/**
 * Reads a request for a message while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 */
import { asRecord } from '../../shared/json.ts';
import { edited, setString } from '../../wire/json-edit.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import { type ByteRange, RequestScanner, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import {
  checkObject,
  checkRecords,
  invalid,
  kindAt,
  missing,
  modelAt,
  streamAt,
  treeOf,
  valueAt,
} from '../scanned-values.ts';
import type { ArrivedRequest, ArrivingRequest, RequestEdits, RequestOutline } from '../types.ts';

/** What the gateway reads of a request, and what bounds the cost of its answer. */
const messagesShape = requestShape({
  keys: ['model', 'messages', 'max_tokens', 'stream', 'temperature', 'stop_sequences', 'thread'],
  sessionKeys: [],
  records: { under: 'messages', field: 'role' },
});

type MessagesScan = ScanOf<typeof messagesShape>;

export class ArrivingMessages implements ArrivingRequest {
  readonly #scan = new RequestScanner(messagesShape);
  readonly #hasLimit: boolean;

  /** @param hasLimit whether `max_tokens` has to be there */
  constructor(hasLimit: boolean) {
    this.#hasLimit = hasLimit;
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  read(bytes: Buffer): ArrivedRequest {
    return new ArrivedMessages(bytes, this.#scan, this.#hasLimit);
  }
}

class ArrivedMessages implements ArrivedRequest {
  readonly bytes: Buffer;
  readonly outline: RequestOutline;
  readonly #scan: MessagesScan;
  readonly #modelAt: ByteRange;

  constructor(bytes: Buffer, scan: MessagesScan, hasLimit: boolean) {
    this.bytes = bytes;
    this.#scan = scan;
    checkObject(bytes, scan);
    const at = scan.value('model');
    if (at === null) throw missing('model');
    this.#modelAt = at;
    const model = modelAt(bytes, at);
    checkRecords(bytes, scan, 'messages', scan.value('messages'));
    if (hasLimit) checkMaxTokens(bytes, scan.value('max_tokens'));
    checkTemperature(bytes, scan.value('temperature'));
    this.outline = {
      model,
      stream: streamAt(bytes, scan.value('stream')),
      // A stream of messages always has token counts.
      wantsUsage: true,
      choices: 1,
      hasStopSequences: hasStop(bytes, scan.value('stop_sequences')),
      sessionKey: null,
      continues: continuesThread(bytes, scan.value('thread')),
    };
  }

  edited({ model }: RequestEdits): Bytes {
    return edited(this.bytes, [setString(this.#modelAt, model)]);
  }

  parsed(): ParsedText {
    return treeOf(this.bytes, this.#scan);
  }
}

/** Whether messages before these are kept by the provider: then only new ones are sent. */
function continuesThread(bytes: Buffer, range: ByteRange | null): boolean {
  return range !== null && asRecord(valueAt(bytes, range))?.type === 'continue';
}

/** 0 is a value: the prompt is only put into the provider's cache. */
function checkMaxTokens(bytes: Buffer, range: ByteRange | null): void {
  if (range === null) throw missing('max_tokens');
  const value = valueAt(bytes, range);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return;
  throw invalid('max_tokens', 'a whole number from 0', kindAt(bytes, range));
}

/** Anthropic takes at most 1, but compatible providers more. */
function checkTemperature(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (range === null || value === null || (typeof value === 'number' && value >= 0 && value <= 2)) return;
  throw invalid('temperature', 'a number from 0 to 2', kindAt(bytes, range));
}

/** Whether the client named stop sequences, one of which the model may meet with its first token. */
function hasStop(bytes: Buffer, range: ByteRange | null): boolean {
  const stop = range === null ? null : valueAt(bytes, range);
  return Array.isArray(stop) && stop.length > 0;
}
