/**
 * Reads a chat completion request while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The scan knows where these fields are; only they are parsed. It is written by hand and uses no schema, because it runs
 * for every request and its messages name the field as OpenAI does.
 */
import { requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import {
  checkRecords,
  checkTemperature,
  choicesAt,
  hasStopAt,
  includesUsageAt,
  sessionKeyAt,
  streamAt,
} from '../scanned-values.ts';
import type { ArrivingRequest, RequestOutline } from '../types.ts';
import { askUsage } from './usage-wish.ts';

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
  return new ScannedRequest(chatShape, readOutline, { askUsage });
}

function readOutline(bytes: Buffer, scan: ChatScan, model: string): RequestOutline {
  checkRecords(bytes, scan, 'messages', scan.value('messages'));
  checkTemperature(bytes, scan.value('temperature'));
  return {
    model,
    stream: streamAt(bytes, scan.value('stream')),
    wantsUsage: includesUsageAt(bytes, scan.value('stream_options')),
    choices: choicesAt(bytes, scan.value('n')),
    hasStopSequences: hasStopAt(bytes, scan.value('stop')),
    sessionKey: sessionKeyAt(bytes, scan.value('prompt_cache_key')),
    continues: null,
  };
}
