/**
 * Reads the source files of a checkout and who imports whom among them. It reads text, not syntax trees: good enough for
 * formatted code, and it needs no compiler.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A source file as the rules of architecture see it. */
export interface SourceFile {
  /** From the checkout's root, with forward slashes. */
  readonly name: string;
  readonly text: string;
  /** `text` without comments. */
  readonly code: string;
  /** Specifiers of static and dynamic imports and re-exports. */
  readonly imports: readonly string[];
}

/** All files below `root` that match, in the order of their names. */
export function readSources(root: string, pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: root })
    .map((name) => name.split(path.sep).join('/'))
    .sort()
    .map((name) => {
      const text = readFileSync(path.join(root, name), 'utf8');
      // Good enough for formatted code: no string of ours holds a comment's beginning after a space.
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
      const found = code.matchAll(/^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|\bimport\('([^']+)'\)/gm);
      const imports = Array.from(found, ([, fixed, dynamic]) => fixed ?? dynamic ?? '');
      return { name, text, code, imports };
    });
}

/** The files of the checkout that a file imports, by name. */
export function importedFiles({ name, imports }: SourceFile): string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(name), specifier));
}

/** One folder and what stands in it: its files and its folders, each by its name in the folder. */
export interface Room {
  readonly folder: string;
  readonly entries: readonly string[];
  /** From one entry to another, each pair once, however many imports there are. */
  readonly arrows: readonly Arrow[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Every folder of `top` and `top` itself, with the arrows between the entries of each. */
export function rooms(sources: readonly SourceFile[], top: string): Room[] {
  const inside = sources.filter(({ name }) => name.startsWith(`${top}/`));
  const folders = new Set(inside.flatMap(({ name }) => foldersAbove(name, top)));
  return [...folders].sort().map((folder) => {
    const entries = new Set<string>();
    const arrows = new Map<string, Arrow>();
    for (const file of inside) {
      const from = entryOf(folder, file.name);
      if (from === null) continue;
      entries.add(from);
      for (const target of importedFiles(file)) {
        const to = entryOf(folder, target);
        if (to !== null && to !== from) arrows.set(`${from} ${to}`, { from, to });
      }
    }
    return { folder, entries: [...entries].sort(), arrows: [...arrows.values()] };
  });
}

/**
 * The arrows of a room that run back up: those that lead to an entry from which there is a way back to where they began.
 * Where there are none, the entries can be put on floors such that every arrow leads down.
 */
export function arrowsUpward({ arrows }: Room): Arrow[] {
  return arrows.filter(({ from, to }) => reachable(to, arrows).has(from));
}

function reachable(start: string, arrows: readonly Arrow[]): ReadonlySet<string> {
  const seen = new Set([start]);
  for (const place of seen) for (const { from, to } of arrows) if (from === place) seen.add(to);
  return seen;
}

function foldersAbove(name: string, top: string): string[] {
  const folder = path.posix.dirname(name);
  return folder === top ? [top] : [folder, ...foldersAbove(folder, top)];
}

function entryOf(folder: string, name: string): string | null {
  return name.startsWith(`${folder}/`) ? (name.slice(folder.length + 1).split('/', 1)[0] ?? null) : null;
}
