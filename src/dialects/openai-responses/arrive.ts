/**
 * Reads a request for a response while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The items of the input have no field in common (a message may lack its type), so nothing is asked of each of them.
 */
import { GatewayError } from '../../shared/errors.ts';
import { type ByteRange, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { checkTemperature, invalid, kindAt, sessionKeyAt, streamAt, valueAt } from '../scanned-values.ts';
import type { ArrivingRequest, KeptReference, RequestOutline } from '../types.ts';

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
    'conversation',
    'store',
    'background',
  ],
  sessionKeys: ['prompt_cache_key'],
  records: null,
});

type ResponsesScan = ScanOf<typeof responsesShape>;

/** A request for a response that begins to come. */
export function arrive(): ArrivingRequest {
  return new ScannedRequest(
    responsesShape,
    (bytes, scan, model) => ({
      ...readOutline(bytes, scan, model),
      stream: streamAt(bytes, scan.value('stream')),
      isKept: isKept(bytes, scan.value('store')),
    }),
    { keptIdAt },
  );
}

/** A request about what a response would be given: it has the same fields, but no stream, and its answer is not kept. */
export function arriveForInput(): ArrivingRequest {
  return new ScannedRequest(responsesShape, readOutline, { keptIdAt });
}

function readOutline(bytes: Buffer, scan: ResponsesScan, model: string): RequestOutline {
  checkInput(bytes, scan.value('input'));
  checkLimit(bytes, scan.value('max_output_tokens'));
  checkTemperature(bytes, scan.value('temperature'));
  return {
    model,
    stream: false,
    // A response always has token counts.
    wantsUsage: true,
    choices: 1,
    // There are none in this dialect.
    hasStopSequences: false,
    sessionKey: sessionKeyAt(bytes, scan.value('prompt_cache_key')),
    continues: readReference(bytes, scan),
  };
}

/** It is unless that is refused. */
function isKept(bytes: Buffer, range: ByteRange | null): boolean {
  return range === null || valueAt(bytes, range) !== false;
}

/** A response or a conversation that the provider keeps; single items that it keeps are looked for by the provider alone. */
function readReference(bytes: Buffer, scan: ResponsesScan): KeptReference | null {
  const at = scan.value('previous_response_id');
  const previous = at === null ? null : valueAt(bytes, at);
  if (previous !== null && typeof previous !== 'string') {
    throw invalid('previous_response_id', 'a string', kindAt(bytes, at));
  }
  if (previous !== null) return { id: previous, notFound: lostResponse };
  const conversation = scan.value('conversation');
  if (conversation === null || valueAt(bytes, conversation) === null) return null;
  return { id: '', isUnmarked: true, notFound: lostConversation };
}

/** By this code clients know that they must send the whole conversation. */
function lostResponse(why: string): GatewayError {
  return new GatewayError('previous_response_not_found', `${why} Send all items, without previous_response_id.`, {
    param: 'previous_response_id',
  });
}

function lostConversation(why: string): GatewayError {
  return new GatewayError('previous_response_not_found', `${why} Send all items, without a conversation.`, {
    param: 'conversation',
  });
}

function keptIdAt(_bytes: Buffer, scan: ResponsesScan): ByteRange | null {
  return scan.value('previous_response_id');
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
