/**
 * Reads a chat completion request while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The scan knows where these fields are; only they are parsed. It is written by hand and uses no schema, because it runs
 * for every request and its messages name the field as OpenAI does.
 */
import { asRecord } from '../../shared/json.ts';
import { insertField, type JsonEdit, setJson } from '../../wire/json-edit.ts';
import { type ByteRange, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { checkRecords, checkTemperature, sessionKeyAt, streamAt, valueAt } from '../scanned-values.ts';
import type { ArrivingRequest, RequestOutline } from '../types.ts';

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

/** A chat completion request that begins to come. */
export function arrive(): ArrivingRequest {
  return new ScannedRequest(chatShape, readOutline, askUsage);
}

function readOutline(bytes: Buffer, scan: ChatScan, model: string): RequestOutline {
  checkRecords(bytes, scan, 'messages', scan.value('messages'));
  checkTemperature(bytes, scan.value('temperature'));
  return {
    model,
    stream: streamAt(bytes, scan.value('stream')),
    wantsUsage: wantsUsage(bytes, scan.value('stream_options')),
    choices: choicesAt(bytes, scan.value('n')),
    hasStopSequences: hasStop(bytes, scan.value('stop')),
    sessionKey: sessionKeyAt(bytes, scan.value('prompt_cache_key')),
    continues: false,
  };
}

/** The client's own options stay; what is none is replaced, as no server would read it. */
function askUsage(bytes: Buffer, scan: ChatScan): JsonEdit | null {
  const at = scan.value('stream_options');
  if (at === null) return insertField(bytes, scan.root, 'stream_options', '{"include_usage":true}');
  const options = valueAt(bytes, at);
  if (options !== null && asRecord(options) === null) return null;
  return setJson(at, JSON.stringify({ ...asRecord(options), include_usage: true }));
}

/** Whether the client requests the usage chunk at the end of its stream. */
function wantsUsage(bytes: Buffer, range: ByteRange | null): boolean {
  return range !== null && asRecord(valueAt(bytes, range))?.include_usage === true;
}

/** The number of answers that the client wants. */
function choicesAt(bytes: Buffer, range: ByteRange | null): number {
  const n = range === null ? null : valueAt(bytes, range);
  return typeof n === 'number' && n > 1 ? n : 1;
}

/** Whether the client named stop sequences, one of which the model may meet with its first token. */
function hasStop(bytes: Buffer, range: ByteRange | null): boolean {
  const stop = range === null ? null : valueAt(bytes, range);
  return typeof stop === 'string' || (Array.isArray(stop) && stop.length > 0);
}
