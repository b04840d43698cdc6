/** Errors with which a dialect refuses a request: a 400 that names the field, before any attempt is made. */
import { GatewayError } from '../shared/errors.ts';

/** The field's value is not valid in the client's dialect; `problem` completes "field …". */
export function invalidValue(field: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', `${field} ${problem}`, { param: field });
}

/** The field's value is valid but the target's dialect cannot express it; `problem` completes "field …". */
export function unsupported(field: string, problem: string): GatewayError {
  return new GatewayError('unsupported_parameter', `${field} ${problem}`, { param: field });
}
