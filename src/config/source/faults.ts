/**
 * What can be wrong with a configuration, told so that one reading is enough: where, which key, what it should be, what
 * it is, and the name that was probably meant. A fault's text never holds a secret; whoever makes one sees to that
 * with `describeValue`.
 */
import { systemCode } from '../../shared/system-code.ts';

/** A place in a source of configuration. Lines and columns count from 1; null where the source has none. */
export interface Place {
  /** A file's path as the user gave it, a flag such as `--port`, or the source's name. */
  readonly file: string;
  readonly line: number | null;
  readonly col: number | null;
}

/** The way from the root to a value: keys, and indexes from 0. */
export type Path = readonly (string | number)[];

export interface Fault extends Place {
  /** As in `models.gpt-4.targets[0].provider`; empty for the whole document. */
  readonly path: string;
  /** `should be X, got Y`. */
  readonly message: string;
  /** What was probably meant, as a short question; null where nothing comes near. */
  readonly hint: string | null;
}

/** A configuration that cannot be used, with every fault that was found, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const ordered = [...faults].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0));
    super([...new Set(ordered.map(formatFault))].join('\n'));
    this.faults = ordered;
  }
}

/** `file:line:col path: should be X, got Y; did you mean Z?` */
function formatFault(fault: Fault): string {
  const position = fault.line === null ? fault.file : `${fault.file}:${fault.line}:${fault.col ?? 1}`;
  const path = fault.path === '' ? ':' : ` ${fault.path}:`;
  return `${position}${path} ${fault.message}${fault.hint === null ? '' : `; ${fault.hint}`}`;
}

/** A path as people write it. Keys that would break the line are quoted. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = /^[\w./:@+-]+$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/**
 * A value as a fault may show it: plain values in short, structures by their kind. It is for values that are no
 * secrets; `kindOf` is for those that might be.
 */
export function describeValue(value: unknown): string {
  if (typeof value !== 'string')
    return typeof value === 'number' || value === true || value === false ? String(value) : kindOf(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** The kind of a value, without the value. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
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

/** What a system call failed with, as people look it up: `ENOENT`. */
export function errorCode(error: unknown): string {
  return systemCode(error) ?? 'an error';
}
