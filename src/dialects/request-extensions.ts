/**
 * Collects what of a request the neutral form does not have, each name once: targets of another dialect refuse it by name
 * or leave it out and say so. A value that only repeats the default of a field that is known is none; which do is each
 * dialect's own. Of a field that is not known here nobody can tell: `{}` may turn something on, and `false` off.
 */
import type { JsonRecord } from '../shared/json.ts';
import type { Extension } from './hub.ts';

/** Values that only repeat the default, besides null, as JSON: by the field's name. */
type Defaults = ReadonlyMap<string, readonly string[]>;

/** Of one request. */
export class RequestExtensions {
  readonly #found = new Map<string, Extension>();
  readonly #of: string;
  readonly #defaults: Defaults;

  /** @param of the dialect that knows them */
  constructor(of: string, defaults: Defaults) {
    this.#of = of;
    this.#defaults = defaults;
  }

  get all(): readonly Extension[] {
    return [...this.#found.values()];
  }

  /** @param refusal why a target without it must refuse the request; null if it may be left out */
  add(name: string, value: unknown, refusal: string | null = null): void {
    this.#put({ of: this.#of, name, value, refusal });
  }

  /** What another dialect or a family knows, too, under the same name. */
  addOf(of: string, name: string, value: unknown): void {
    this.#put({ of, name, value, refusal: null });
  }

  /** A tool that is no function of the client's. @param path its place @param type of the tool */
  addTool(path: string, value: unknown, type: string | null, refusal: string): void {
    this.#put({ of: this.#of, name: path, value, refusal, tool: type ?? 'other' });
  }

  /** All fields of a part of the request but the ones that are known; they have a name in common for all such parts. */
  addRest(record: JsonRecord, known: ReadonlySet<string>, part: string): void {
    for (const name in record) {
      if (!known.has(name)) this.add(`${part}.${name}`, record[name]);
    }
  }

  #put(extension: Extension): void {
    const { name, value, refusal } = extension;
    if (value === undefined || value === null || this.#isDefault(name, value)) return;
    if (this.#found.has(name) && refusal === null) return;
    this.#found.set(name, extension);
  }

  #isDefault(name: string, value: unknown): boolean {
    const known = this.#defaults.get(name);
    return known?.includes(JSON.stringify(value)) === true;
  }
}
