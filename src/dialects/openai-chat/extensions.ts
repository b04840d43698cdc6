/**
 * Collects what of a request the neutral form does not have, each name once: targets of another dialect refuse it by name
 * or leave it out and say so. A value that only repeats the default is none.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Extension } from '../hub.ts';
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

/** Of one request. */
export class Extensions {
  readonly #found = new Map<string, Extension>();

  get all(): readonly Extension[] {
    return [...this.#found.values()];
  }

  /** @param refusal why a target without it must refuse the request, whatever its value; null if it may be left out */
  add(name: string, value: unknown, refusal: string | null = null): void {
    if (value === undefined || value === null) return;
    if (refusal === null && (this.#found.has(name) || isNeutral(name, value))) return;
    this.#found.set(name, { of: CHAT, name, value, refusal });
  }

  /** All fields of a part of the request but the ones that are known; they have a name in common for all such parts. */
  addRest(record: JsonRecord, known: ReadonlySet<string>, part: string): void {
    for (const name in record) {
      if (!known.has(name)) this.add(`${part}.${name}`, record[name]);
    }
  }
}

function isNeutral(name: string, value: unknown): boolean {
  if (value === false || value === '' || value === neutral.get(name)) return true;
  if (name === 'response_format') return asRecord(value)?.type === 'text';
  if (Array.isArray(value)) return value.every((each) => name === 'modalities' && each === 'text');
  const record = asRecord(value);
  return record !== null && Object.keys(record).length === 0;
}
