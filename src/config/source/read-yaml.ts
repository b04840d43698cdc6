/**
 * Reads YAML into a tree with lines and columns. Stricter than YAML: one document, plain names as keys, each key once,
 * no tags. The result for any text is a tree or a `ConfigError`. No message quotes the text, which may hold secrets.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { endOfLine, excerptOf, type Span } from './excerpt.ts';
import { ConfigError, type ExcerptAt, type Fault, type Path, type Place } from './faults.ts';
import { shownOfLine, shownSpans } from './shown-spans.ts';
import { emptyMapping, faultAt, Places, type SourceTree } from './source-tree.ts';
import { expectations, isForName, MAX_DEPTH, yamlFault } from './yaml-faults.ts';

/** Most values in a document, aliases counted at each use: far above any configuration, far below an alias bomb. */
const MAX_VALUES = 100_000;
const MAX_CHARACTERS = 2 ** 20;

/** Parses a file's text. `file` is its name in faults. Throws `ConfigError` if no tree can be made. */
export function readYaml(text: string, file: string): SourceTree {
  const whole = { file, line: 1, col: 1 };
  if (text.length > MAX_CHARACTERS) {
    throw new ConfigError([faultAt(whole, [], `should be at most 1 MiB, got ${text.length} characters`)]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  // Only the first: the others are mostly the same mistake, reported again at later tokens.
  const [first] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (first !== undefined) {
    const { at, message } = yamlFault(document, first, text);
    const fault = faultAt(placeIn(file, lines, at), [], message);
    throw new ConfigError([fault], excerpts(text, lines, file, null));
  }
  return new TreeReader(document, lines, file).read(excerpts(text, lines, file, document));
}

function placeIn(file: string, lines: LineCounter, offset: number): Place {
  // An empty text has no lines; the counter then returns line 0.
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), col: Math.max(1, col) };
}

/** @param document null for a text that is no YAML */
function excerpts(text: string, lines: LineCounter, file: string, document: Document | null): ExcerptAt {
  let ofDocument: readonly Span[] | null = null;
  return ({ file: itsFile, line, col }) => {
    const start = line === null ? undefined : (lines.lineStarts[line - 1] ?? 0);
    if (itsFile !== file || line === null || col === null || start === undefined) return null;
    if (document !== null) ofDocument ??= shownSpans(document.contents, text);
    const whole = text.slice(start, endOfLine(text, start));
    return excerptOf(
      text,
      { line, col },
      start + col - 1,
      ofDocument ?? shownOfLine(whole, start, isForName(text, start)),
    );
  };
}

/** Walks a document once and counts the values that it makes. */
class TreeReader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #places: Places;
  readonly #faults: Fault[] = [];
  readonly #targets = new Map<Alias, Node | undefined>();
  #values = 0;

  constructor(document: Document, lines: LineCounter, file: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
    this.#places = new Places(file);
    this.#places.set([], { file, line: 1, col: 1 });
  }

  read(excerptAt: ExcerptAt): SourceTree {
    const value = this.#value(this.#document.contents, []);
    return { value, places: this.#places, faults: this.#faults, excerptAt };
  }

  #value(node: unknown, path: Path): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES || path.length > MAX_DEPTH) {
      const expected =
        this.#values > MAX_VALUES ? `at most ${MAX_VALUES} values` : `nested at most ${MAX_DEPTH} levels deep`;
      throw new ConfigError([faultAt(this.#places.ofKey(path), [], `should be ${expected}, got more`)]);
    }
    if (isAlias(node)) {
      const target = this.#targetOf(node);
      if (target === undefined) return this.#refuse(node, path, expectations.BAD_ALIAS ?? '', 'none');
      return this.#value(target, path);
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        this.#places.set([...path, index], this.#place(item));
        return this.#value(item, [...path, index]);
      });
    }
    return isMap(node) ? this.#mapping(node.items, path) : null;
  }

  /** The node that an alias means. Remembered, since each look-up walks the whole document. */
  #targetOf(alias: Alias): Node | undefined {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #mapping(pairs: readonly { key: unknown; value: unknown }[], path: Path): unknown {
    const mapping = emptyMapping();
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.#refuse(key, path, 'a plain name as key', 'something else');
        continue;
      }
      // The key as written: 1.0 may be the name of a model and is not the number 1.
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (name === '__proto__') {
        this.#refuse(key, path, 'another name', '"__proto__"');
        continue;
      }
      if (name === '<<') {
        this.#refuse(key, path, 'written out, since merge keys are not supported (aliases are)', '"<<"');
        continue;
      }
      const childPath = [...path, name];
      const keyPlace = this.#place(key);
      if (name in mapping) {
        const first = this.#places.ofKey(childPath).line ?? 1;
        this.#faults.push(faultAt(keyPlace, childPath, `should be given once, got it again after line ${first}`));
        continue;
      }
      this.#places.set(childPath, value === null ? keyPlace : this.#place(value), keyPlace);
      mapping[name] = this.#value(value, childPath);
    }
    return mapping;
  }

  #refuse(node: unknown, path: Path, expected: string, got: string): null {
    this.#faults.push(faultAt(this.#place(node), path, `should be ${expected}, got ${got}`));
    return null;
  }

  #place(node: unknown): Place {
    const offset = (node as Node | null)?.range?.[0];
    return placeIn(this.#file, this.#lines, offset ?? 0);
  }
}
