/** What of a chat completion request the neutral form does not have. */
import { asRecord } from '../../shared/json.ts';
import { RequestExtensions } from '../request-extensions.ts';
import { CHAT } from './facts.ts';

/** Values that only repeat the default, in addition to null, false, '', [] and {}. */
const neutral: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['frequency_penalty', 0],
  ['image_url.detail', 'auto'],
  ['presence_penalty', 0],
  ['top_logprobs', 0],
  ['service_tier', 'auto'],
  ['verbosity', 'medium'],
]);

/** Of one request. What must be refused is refused whatever its value. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(CHAT, (name, value, refusal) => refusal === null && isNeutral(name, value));
  }
}

function isNeutral(name: string, value: unknown): boolean {
  if (value === false || value === '' || value === neutral.get(name)) return true;
  if (Array.isArray(value)) return value.every((each) => name === 'modalities' && each === 'text');
  const record = asRecord(value);
  return record !== null && Object.keys(record).length === 0;
}
