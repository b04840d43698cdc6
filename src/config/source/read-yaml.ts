/**
 * Reads YAML into a tree that knows its lines and columns. Stricter than YAML: one document, plain names as keys, each
 * once, no tags. Whatever the text is, the outcome is a tree or a `ConfigError`, and no message quotes the text, which
 * may hold secrets.
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
import { ConfigError, type Fault, type Path, type Place } from './faults.ts';
import { emptyMapping, faultAt, Places, type SourceTree } from './source-tree.ts';

/** Values in a document, aliases counted at each use: far more than any configuration, far less than an alias bomb. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 64;
const MAX_CHARACTERS = 2 ** 20;

/** Parses a file's text. `file` is its name in faults. Throws `ConfigError` where no tree can be made. */
export function readYaml(text: string, file: string): SourceTree {
  const whole = { file, line: 1, col: 1 };
  if (text.length > MAX_CHARACTERS) {
    throw new ConfigError([faultAt(whole, [], `should be at most 1 MiB, got ${text.length} characters`)]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  // What follows the first is mostly the same mistake, seen again at each token of the rest.
  const [first] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (first !== undefined) {
    throw new ConfigError([
      faultAt(placeIn(file, lines, first.pos[0]), [], `should be ${wishes[first.code] ?? 'YAML'}`),
    ]);
  }
  return new TreeReader(document, lines, file).read();
}

/** What YAML wanted where the parser failed. The parser's own messages quote the text. */
const wishes: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'an alias of an anchor that stands above',
  BAD_DIRECTIVE: 'YAML 1.2',
  BAD_DQ_ESCAPE: 'a valid escape within double quotes',
  BAD_INDENT: 'indented as its neighbours, or closed, got another indentation or no closing bracket',
  BAD_SCALAR_START: 'quoted, since plain text cannot begin with this character',
  BLOCK_AS_IMPLICIT_KEY: 'on a line of its own, or quoted, got a second "key: value" in one line',
  MISSING_CHAR: 'complete, got a missing quote, colon, comma or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key in one line',
  MULTIPLE_DOCS: 'the end, got a second document',
  RESOURCE_EXHAUSTION: `nested at most ${MAX_DEPTH} deep`,
  TAB_AS_INDENT: 'indented by spaces, got a tab',
  TAG_RESOLVE_FAILED: 'a plain value, got a tag',
  UNEXPECTED_TOKEN: `YAML, got something that cannot stand here (a text with : # { or [ needs quotes: "\${NAME}")`,
};

function placeIn(file: string, lines: LineCounter, offset: number): Place {
  // An empty text has no lines at all; the counter then says line 0.
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), col: Math.max(1, col) };
}

/** Walks a document once, counting what it makes. */
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

  read(): SourceTree {
    const value = this.#value(this.#document.contents, []);
    return { value, places: this.#places, faults: this.#faults };
  }

  #value(node: unknown, path: Path): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES || path.length > MAX_DEPTH) {
      const wish = this.#values > MAX_VALUES ? `at most ${MAX_VALUES} values` : `nested at most ${MAX_DEPTH} deep`;
      throw new ConfigError([faultAt(this.#places.ofKey(path), [], `should be ${wish}, got more`)]);
    }
    if (isAlias(node)) {
      const target = this.#targetOf(node);
      if (target === undefined) return this.#refuse(node, path, wishes.BAD_ALIAS ?? '', 'none');
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

  /** What an alias stands for. Remembered, since looking it up walks the whole document. */
  #targetOf(alias: Alias): Node | undefined {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #mapping(pairs: readonly { key: unknown; value: unknown }[], path: Path): unknown {
    const mapping = emptyMapping();
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.#refuse(key, path, 'a plain name as key', 'a structure');
        continue;
      }
      // As written: 1.0 is a fine name of a model and not the number 1.
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (name === '__proto__') {
        this.#refuse(key, path, 'another name', '"__proto__"');
        continue;
      }
      if (name === '<<') {
        this.#refuse(key, path, 'written out, since merges are not supported (plain aliases are)', '"<<"');
        continue;
      }
      const childPath = [...path, name];
      const keyPlace = this.#place(key);
      if (name in mapping) {
        const first = this.#places.ofKey(childPath).line ?? 1;
        this.#faults.push(faultAt(keyPlace, childPath, `should stand once, got it again after line ${first}`));
        continue;
      }
      this.#places.set(childPath, value === null ? keyPlace : this.#place(value), keyPlace);
      mapping[name] = this.#value(value, childPath);
    }
    return mapping;
  }

  #refuse(node: unknown, path: Path, wish: string, got: string): null {
    this.#faults.push(faultAt(this.#place(node), path, `should be ${wish}, got ${got}`));
    return null;
  }

  #place(node: unknown): Place {
    const offset = (node as Node | null)?.range?.[0];
    return placeIn(this.#file, this.#lines, offset ?? 0);
  }
}
