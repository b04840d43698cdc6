/**
 * Collects what of a request the neutral form does not have, each name once: targets of another dialect refuse it by name
 * or leave it out and say so. A value that only repeats the default is none.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Extension } from '../hub.ts';
import { MESSAGES } from './facts.ts';

/** Values that only repeat the default, besides null, false, and lists and objects that hold nothing else. */
const defaults: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['service_tier', (value) => value === 'auto'],
  ['speed', (value) => value === 'standard'],
  ['thinking', (value) => asRecord(value)?.type === 'disabled'],
  ['tool_use.caller', (value) => asRecord(value)?.type === 'direct'],
  ['tools.allowed_callers', (value) => Array.isArray(value) && value.every((caller) => caller === 'direct')],
]);

/** Of one request. */
export class Extensions {
  readonly #found = new Map<string, Extension>();

  get all(): readonly Extension[] {
    return [...this.#found.values()];
  }

  /** @param refusal why a target without it must refuse the request; null if it may be left out */
  add(name: string, value: unknown, refusal: string | null = null): void {
    if (isDefault(name, value)) return;
    if (this.#found.has(name) && refusal === null) return;
    this.#found.set(name, { of: MESSAGES, name, value, refusal });
  }

  /** All fields of a part of the request but the ones that are known. */
  addRest(record: JsonRecord, known: ReadonlySet<string>, part: string): void {
    for (const name in record) {
      if (!known.has(name)) this.add(`${part}.${name}`, record[name]);
    }
  }
}

function isDefault(name: string, value: unknown): boolean {
  return saysNothing(value) || defaults.get(name)?.(value) === true;
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.values(value).every(saysNothing);
}
