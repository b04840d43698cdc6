/**
 * Reads a request for a response while it comes: only what routing needs, and what every provider would refuse, to save
 * that round trip. All other fields pass through unchanged.
 *
 * The items of the input have no field in common (a message may lack its type), so nothing is asked of each of them.
 */
import { type ByteRange, requestShape } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { checkTemperature, invalid, kindAt, sessionKeyAt, streamAt, valueAt } from '../scanned-values.ts';
import type { ArrivingRequest } from '../types.ts';

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

/** A request for a response that begins to come. */
export function arrive(): ArrivingRequest {
  return new ScannedRequest(responsesShape, (bytes, scan, model) => {
    checkInput(bytes, scan.value('input'));
    checkLimit(bytes, scan.value('max_output_tokens'));
    checkTemperature(bytes, scan.value('temperature'));
    return {
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
  });
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
