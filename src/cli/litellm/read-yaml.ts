/**
 * Reads one file of LiteLLM's as a mapping. Every fault is a `CommandError` with its place and a cure; none quotes the file,
 * which may hold keys.
 */
import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { systemCode } from '../../shared/host/system-code.ts';
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { CommandError } from '../failures.ts';

/** Far above any configuration. */
const MAX_MIB = 8;

/** How often aliases may stand for something: far above a file that is meant, far below an alias bomb. */
const MAX_ALIASES = 20_000;

/** What is wrong and what helps, by the parser's codes: its own messages quote the text. */
const faults: Readonly<Record<string, string>> = {
  BAD_INDENT: 'is not indented like the lines around it, or a bracket is not closed, or not to the right of its key',
  BAD_DQ_ESCAPE: 'has a backslash within double quotes that stands for nothing: write \\\\, or single quotes',
  BAD_SCALAR_START: 'begins with a character that needs quotes around the text',
  BLOCK_AS_IMPLICIT_KEY: 'has a second `key: value` on one line: put the text in quotes, or begin a line',
  DUPLICATE_KEY: 'is a key that stands there already: LiteLLM takes the last one, so remove the others',
  MISSING_CHAR: 'lacks a quote, a colon, a comma or a bracket',
  MULTIPLE_DOCS: 'begins a second document (`---`): import each from a file of its own',
  TAB_AS_INDENT: 'is indented with a tab: YAML wants spaces',
  TAG_RESOLVE_FAILED: 'has a tag (`!…`), which LiteLLM does not read: write the value, or os.environ/NAME',
  UNEXPECTED_TOKEN: 'has something that is not allowed here: a text with : # { or [ needs quotes',
};

/** Reads a file whose top is a mapping. */
export function readMapping(file: string): JsonRecord {
  const lines = new LineCounter();
  const text = readText(file);
  const document = parseDocument(text, { merge: true, lineCounter: lines, prettyErrors: false });
  // Other warnings are of forms that LiteLLM reads too.
  const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const [fault] = [...document.errors, ...tags].sort((one, other) => one.pos[0] - other.pos[0]);
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new CommandError(`${file}:${line}:${col} ${faults[fault.code] ?? 'is no YAML'} (${fault.code})`);
  }
  const { contents } = document;
  if (contents === null) throw new CommandError(`${file} is empty: LiteLLM's config.yaml has a model_list`);
  if (!isMap(contents)) {
    throw new CommandError(`${file} should be a mapping with a model_list, such as LiteLLM's config.yaml`);
  }
  return asRecord(plainValue(document, file)) ?? {};
}

function readText(file: string): string {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new CommandError(`${file} is a folder: name the file in it`);
    if (stats.size > MAX_MIB * 2 ** 20) {
      throw new CommandError(`${file} has more than ${MAX_MIB} MiB: name LiteLLM's config.yaml`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    const reason = code === 'ENOENT' ? 'there is no such file (ENOENT)' : code;
    throw new CommandError(`${file} cannot be read: ${reason}`);
  }
}

/** Aliases are followed here only, so their faults have no place of the parser's. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.message.startsWith('Unresolved alias')) {
      throw new CommandError(`${file} has an alias (*name) without its anchor (&name) above it`);
    }
    if (error.message.startsWith('Merge sources')) {
      throw new CommandError(`${file} has a merge key (<<) whose value is no mapping: name an anchor of one (*name)`);
    }
    if (error instanceof ReferenceError) {
      throw new CommandError(`${file} names its aliases more than ${MAX_ALIASES} times: write them out`);
    }
    throw error;
  }
}
