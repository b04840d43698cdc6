/**
 * Reads a request for the completion of a text while it comes: only what routing needs, and what every provider would
 * refuse, to save that round trip. All other fields pass through unchanged. A prompt is none of those: it has a default,
 * and some servers take it in another field.
 */
import { requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { askUsage } from '../openai-chat/usage-wish.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { choicesAt, hasStopAt, includesUsageAt, streamAt } from '../scanned-values.ts';
import type { ArrivingRequest, RequestOutline } from '../types.ts';

const completionShape = requestShape({
  keys: ['model', 'prompt', 'stream', 'stream_options', 'n', 'stop'],
  sessionKeys: [],
  // Prompts are no records; but they are counted as such.
  records: { under: 'prompt', field: 'text' },
});

type CompletionScan = ScanOf<typeof completionShape>;

const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

/** A request for a completion that begins to come. */
export function arrive(): ArrivingRequest {
  return new ScannedRequest(completionShape, readOutline, { askUsage });
}

function readOutline(bytes: Buffer, scan: CompletionScan, model: string): RequestOutline {
  return {
    model,
    stream: streamAt(bytes, scan.value('stream')),
    wantsUsage: includesUsageAt(bytes, scan.value('stream_options')),
    choices: choicesAt(bytes, scan.value('n')) * promptsOf(bytes, scan),
    hasStopSequences: hasStopAt(bytes, scan.value('stop')),
    sessionKey: null,
    continues: null,
  };
}

/** How many texts are to be completed: a list of numbers is one of them, in tokens. */
function promptsOf(bytes: Buffer, scan: CompletionScan): number {
  const range = scan.value('prompt');
  if (range === null || scan.records < 2) return 1;
  const first = bytes.subarray(range.start + 1, range.end).find((byte) => byte > 0x20);
  return first === QUOTE || first === OPEN_BRACKET ? scan.records : 1;
}
