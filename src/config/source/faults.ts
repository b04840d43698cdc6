/**
 * Faults of a configuration. A fault names the place, the key, the expected and the actual value, and the name that was
 * probably meant. Its text never holds a secret: code that makes a fault uses `describeValue` or `kindOf`.
 */
import type { Excerpt } from './excerpt.ts';

/** A place in a configuration source. Lines and columns count from 1; null if the source has none. */
export interface Place {
  /** A file's path as the user gave it, a flag such as `--port`, or the source's name. */
  readonly file: string;
  readonly line: number | null;
  readonly col: number | null;
}

/** The path from the root to a value: keys, and indexes from 0. */
export type Path = readonly (string | number)[];

export interface Fault extends Place {
  /** Such as `models.gpt-4.targets[0].provider`; empty for the whole document. */
  readonly path: string;
  /** `should be X, got Y`. */
  readonly message: string;
  /** A short question with the name that was probably meant; null if no name is near. */
  readonly hint: string | null;
}

/** Finds the lines to print under a fault; they hold no secret. */
export type ExcerptAt = (place: Place) => Excerpt | null;

/** A fault as people read it. */
interface ExplainedFault {
  /** Of the value, as in `Fault`. */
  readonly path: string;
  readonly fault: string;
  /** Of the source, for below it. */
  readonly lines: readonly string[];
}

/** A configuration that cannot be used, with all its faults in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly Fault[];
  /** Private, so that nothing that prints an error reaches the source behind it. */
  readonly #excerptAt: ExcerptAt;

  /** @param excerptAt the lines of the source, where it has any */
  constructor(faults: readonly Fault[], excerptAt: ExcerptAt = () => null) {
    const ordered = [...faults].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0));
    super([...new Set(ordered.map(formatFault))].join('\n'));
    this.faults = ordered;
    this.#excerptAt = excerptAt;
  }

  /** The faults as people read them: each with its line in the source under it. */
  get explanation(): string {
    return this.explained.map(({ fault, lines }) => [fault, ...lines].join('\n')).join('\n');
  }

  /** Each of them once, and the lines of the source that belong under it. */
  get explained(): readonly ExplainedFault[] {
    const byText = new Map<string, ExplainedFault>();
    for (const each of this.faults) {
      const [fault, lines] = [formatFault(each), this.#excerptAt(each) ?? []];
      byText.set([fault, ...lines].join('\n'), { path: each.path, fault, lines });
    }
    return [...byText.values()];
  }
}

/** `file:line:col path: should be X, got Y; did you mean Z?` */
function formatFault(fault: Fault): string {
  const path = fault.path === '' ? ':' : ` ${fault.path}:`;
  return `${formatPlace(fault)}${path} ${fault.message}${fault.hint === null ? '' : `; ${fault.hint}`}`;
}

/** `file:line:col`, or the source alone where it has no lines. */
export function formatPlace({ file, line, col }: Place): string {
  return line === null ? file : `${file}:${line}:${col ?? 1}`;
}

/** A path as text. Keys with unusual characters are quoted. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = /^[\w./:@+-]+$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/**
 * A value for a fault's text: plain values shortened, mappings and lists by their kind. Only for values that cannot be
 * secrets; use `kindOf` for all others.
 */
export function describeValue(value: unknown): string {
  if (typeof value !== 'string')
    return typeof value === 'number' || value === true || value === false ? String(value) : kindOf(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** The kind of a value, without the value. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'object':
      return 'a mapping';
    case 'string':
      return value === '' ? 'an empty text' : 'a text';
    case 'boolean':
      return String(value);
    default:
      return 'a number';
  }
}
