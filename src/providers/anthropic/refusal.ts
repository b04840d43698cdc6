/** How this dialect refuses a request: a 400 that names the field, made before any attempt is spent. */
import { GatewayError } from '../../shared/errors.ts';

/** The field's value is not what OpenAI's dialect says; `problem` completes "field …". */
export function invalidValue(field: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', `${field} ${problem}`, { param: field });
}

/** The field's value is right, but cannot be said in Anthropic's dialect; `problem` completes "field …". */
export function unsupported(field: string, problem: string): GatewayError {
  return new GatewayError('unsupported_parameter', `${field} ${problem}`, { param: field });
}
