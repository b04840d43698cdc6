/**
 * A configuration of LiteLLM's, read value by value. What is read is ticked off, so that all that nobody has read can be
 * named in the end: nothing is left out in silence.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { numberOf } from './value-text.ts';

/** Steps from the top of the file. */
export type Path = readonly (string | number)[];

/** Something of the file that was not carried over, or not as it was. */
export interface Left {
  /** `router_settings.redis_host`. */
  readonly path: string;
  /** A sentence: why, and what to do instead. */
  readonly why: string;
}

/** The file as one value. */
export class LitellmSource {
  readonly #tree: JsonRecord;
  readonly #read = new Set<string>();
  readonly #left: Left[] = [];

  constructor(tree: JsonRecord) {
    this.#tree = tree;
  }

  /** The value at a path, which then counts as carried over; undefined where there is none. */
  take(...path: Path): unknown {
    const value = this.look(...path);
    if (value !== undefined) this.#read.add(nameOf(path));
    return value;
  }

  /** The same without ticking it off. */
  look(...path: Path): unknown {
    let value: unknown = this.#tree;
    for (const step of path) {
      value = Array.isArray(value) && typeof step === 'number' ? value[step] : asRecord(value)?.[String(step)];
    }
    return value ?? undefined;
  }

  /** Like `take`; a value that is no text is left, and named. A whole number is the text of its digits. */
  takeText(...path: Path): string | undefined {
    return this.#takeAs(path, 'a text', (value) => {
      const text = Number.isSafeInteger(value) ? String(value) : value;
      return typeof text === 'string' && text !== '' ? text : undefined;
    });
  }

  /** Like `take`, for a list of texts; a text alone is one, and what is neither is named. */
  takeTexts(...path: Path): string[] {
    const value = this.take(...path);
    const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
    return list.flatMap((each: unknown, index) => {
      if (typeof each === 'string') return [each];
      this.leave(Array.isArray(value) ? [...path, index] : path, 'should be a text');
      return [];
    });
  }

  /** Like `take`; a value that is no number is left, and named. A number may be a text. */
  takeNumber(...path: Path): number | undefined {
    return this.#takeAs(path, 'a number', numberOf);
  }

  /** The number at the first of these paths that has one; what another says otherwise is named. */
  takeFirst(...paths: readonly Path[]): number | undefined {
    let first: number | undefined;
    for (const path of paths) {
      const value = this.takeNumber(...path);
      if (first !== undefined && value !== undefined && value !== first) this.leave(path, `${first} goes before it`);
      first ??= value;
    }
    return first;
  }

  /** Names what could not be carried over as it was. */
  leave(path: Path, why: string): void {
    this.#read.add(nameOf(path));
    this.note(path, why);
  }

  /** Names something without ticking it off. */
  note(path: Path, why: string): void {
    this.#left.push({ path: nameOf(path), why });
  }

  /** All that was left, and, with `whyOf`, what nobody has read. */
  left(whyOf: (path: string) => string): Left[] {
    const unread: Left[] = [];
    const walk = (value: unknown, path: Path): void => {
      const name = nameOf(path);
      if (this.#read.has(name)) return;
      const children = Array.isArray(value) ? [...value.entries()] : Object.entries(asRecord(value) ?? {});
      if (children.length === 0) {
        if (value !== null) unread.push({ path: name, why: whyOf(name) });
        return;
      }
      for (const [step, child] of children) walk(child, [...path, step]);
    };
    for (const [step, value] of Object.entries(this.#tree)) walk(value, [step]);
    return [...this.#left, ...unread];
  }

  #takeAs<T>(path: Path, expected: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.take(...path);
    if (value === undefined) return undefined;
    const result = read(value);
    if (result === undefined) this.leave(path, `should be ${expected}`);
    return result;
  }
}

/** `model_list[2].litellm_params.model`. */
function nameOf(path: Path): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }, '');
}
