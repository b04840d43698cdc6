/** What of a request for a message the neutral form does not have. */
import { asRecord } from '../../shared/json.ts';
import { RequestExtensions, saysNothing } from '../request-extensions.ts';
import { MESSAGES } from './facts.ts';

/** Values that only repeat the default, besides null, false, and lists and objects that hold nothing else. */
const defaults: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['speed', (value) => value === 'standard'],
  ['tool_use.caller', (value) => asRecord(value)?.type === 'direct'],
  ['tools.allowed_callers', (value) => Array.isArray(value) && value.every((caller) => caller === 'direct')],
]);

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(MESSAGES, (name, value) => saysNothing(value) || defaults.get(name)?.(value) === true);
  }
}
