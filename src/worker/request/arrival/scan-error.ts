/** What the client gets for a body that the scan has refused, whatever its dialect. */
import { GatewayError } from '../../../shared/errors.ts';
import { type JsonFault, MAX_BYTES_OUTSIDE_STRINGS, MAX_DEPTH } from '../../../wire/json-scan.ts';
import { AmbiguousKeyError } from '../../../wire/request-scan.ts';
import { MOST_OF_A_NAME, RepeatedNameError } from '../../../wire/top-fields.ts';

/** A 400 that says what is wrong with the body. */
export function scanError(fault: JsonFault): GatewayError {
  if (fault instanceof AmbiguousKeyError) {
    const { key, written, isRepeated } = fault;
    const text = isRepeated ? `'${key}' occurs twice.` : `'${written}' is read as '${key}' by some providers.`;
    return new GatewayError('invalid_value', text, { param: written, cause: fault });
  }
  if (fault instanceof RepeatedNameError) {
    const text = `'${fault.key}' occurs more than ${MOST_OF_A_NAME} times.`;
    return new GatewayError('invalid_value', text, { param: fault.key, cause: fault });
  }
  switch (fault.kind) {
    case 'depth':
      return new GatewayError('invalid_value', `The body is nested deeper than ${MAX_DEPTH} levels.`, { cause: fault });
    case 'shape':
      return new GatewayError(
        'invalid_value',
        `The body has more than ${MAX_BYTES_OUTSIDE_STRINGS} bytes outside of strings.`,
        { cause: fault },
      );
    case 'utf8':
      return new GatewayError('invalid_json', 'The body is not valid UTF-8.', { cause: fault });
    case 'surrogate':
      return new GatewayError('invalid_json', 'The body has an escape that is half a surrogate pair.', {
        cause: fault,
      });
    default:
      return new GatewayError('invalid_json', 'The body is not valid JSON.', { cause: fault });
  }
}
