/**
 * Reads a request for a message while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 */
import { GatewayError } from '../../shared/errors.ts';
import { asRecord, asString } from '../../shared/json.ts';
import { fieldPlaces } from '../../wire/field-places.ts';
import { type ByteRange, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { checkRecords, checkTemperature, invalid, kindAt, missing, streamAt, valueAt } from '../scanned-values.ts';
import type { ArrivingRequest, RequestOutline } from '../types.ts';

/** What the gateway reads of a request, and what bounds the cost of its answer. */
const messagesShape = requestShape({
  keys: ['model', 'messages', 'max_tokens', 'stream', 'temperature', 'stop_sequences', 'thread', 'diagnostics'],
  sessionKeys: [],
  records: { under: 'messages', field: 'role' },
});

type MessagesScan = ScanOf<typeof messagesShape>;

/** The message before this: the one that a thread goes on from, and one that is only compared with it. */
const ids = {
  keptIdAt: (bytes: Buffer, scan: MessagesScan) => previousIdIn(bytes, scan.value('thread')),
  namedIdAt: (bytes: Buffer, scan: MessagesScan) => previousIdIn(bytes, scan.value('diagnostics')),
};

/** A request for a message that begins to come. */
export function arrive(): ArrivingRequest {
  return new ScannedRequest(
    messagesShape,
    (bytes, scan, model) => {
      checkMaxTokens(bytes, scan.value('max_tokens'));
      return readOutline(bytes, scan, model);
    },
    ids,
  );
}

/** The same for a request whose tokens are to be counted: it needs no limit, and gets no stream, whatever it asks for. */
export function arriveToBeCounted(): ArrivingRequest {
  return new ScannedRequest(
    messagesShape,
    (bytes, scan, model) => ({ ...readOutline(bytes, scan, model), stream: false }),
    ids,
  );
}

function readOutline(bytes: Buffer, scan: MessagesScan, model: string): RequestOutline {
  checkRecords(bytes, scan, 'messages', scan.value('messages'));
  // Anthropic takes at most 1, but compatible providers more.
  checkTemperature(bytes, scan.value('temperature'));
  return {
    model,
    stream: streamAt(bytes, scan.value('stream')),
    // A stream of messages always has token counts.
    wantsUsage: true,
    choices: 1,
    hasStopSequences: hasStop(bytes, scan.value('stop_sequences')),
    sessionKey: null,
    ...readThread(bytes, scan),
  };
}

/** Of a thread the provider keeps the messages before these, if there are any, and the answer with them. */
function readThread(bytes: Buffer, scan: MessagesScan): Pick<RequestOutline, 'continues' | 'isKept'> {
  const at = scan.value('thread');
  const thread = at === null ? null : asRecord(valueAt(bytes, at));
  if (thread === null) return { continues: null };
  if (thread.type !== 'continue') return { continues: null, isKept: true };
  return { continues: { id: asString(thread.previous_message_id) ?? '', notFound: lostThread }, isKept: true };
}

/** By this code clients know that they must send all messages. */
function lostThread(why: string): GatewayError {
  return new GatewayError('thread_not_found', `${why} Send all messages.`);
}

function previousIdIn(bytes: Buffer, field: ByteRange | null): ByteRange | null {
  if (field === null) return null;
  const [at] = fieldPlaces(bytes.subarray(field.start, field.end), ['previous_message_id']);
  return at === null || at === undefined ? null : { start: field.start + at.start, end: field.start + at.end };
}

/** 0 is a value: the prompt is only put into the provider's cache. */
function checkMaxTokens(bytes: Buffer, range: ByteRange | null): void {
  if (range === null) throw missing('max_tokens');
  const value = valueAt(bytes, range);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return;
  throw invalid('max_tokens', 'a whole number from 0', kindAt(bytes, range));
}

/** Whether the client named stop sequences, one of which the model may meet with its first token. */
function hasStop(bytes: Buffer, range: ByteRange | null): boolean {
  const stop = range === null ? null : valueAt(bytes, range);
  return Array.isArray(stop) && stop.length > 0;
}
