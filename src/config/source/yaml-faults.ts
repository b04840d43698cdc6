/**
 * What is wrong with a text that is no YAML: what the parser reports at the end of a mistake is told at its beginning, and
 * in words for who writes a configuration. The parser's own messages quote the text, which may hold secrets; these quote no
 * more than a plain word where a key belongs. Pure.
 */
import { type Document, isScalar, visit, type YAMLError } from 'yaml';
import { isKnownKey } from '../schema/json-schema.ts';
import { endOfLine } from './excerpt.ts';

/** Where it is, as an offset in the text, and what should be there. */
interface YamlFault {
  readonly at: number;
  readonly message: string;
}

/** Levels in a document. */
export const MAX_DEPTH = 64;

/** The expectation for each error code of the parser. */
export const expectations: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'an alias of an anchor that is defined above',
  BAD_DIRECTIVE: 'YAML 1.2',
  BAD_DQ_ESCAPE: 'a valid escape within double quotes',
  BAD_INDENT:
    'indented like the lines around it, with all brackets closed, got another indentation or no closing bracket',
  BAD_SCALAR_START: 'in quotes, since a text without quotes cannot begin with this character',
  BLOCK_AS_IMPLICIT_KEY: 'on a line of its own or in quotes, got a second "key: value" on one line',
  MISSING_CHAR: 'complete, got YAML that lacks a quote, colon, comma or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key on one line',
  MULTIPLE_DOCS: 'the end of the file, got a second document',
  RESOURCE_EXHAUSTION: `nested at most ${MAX_DEPTH} levels deep`,
  TAB_AS_INDENT: 'indented with spaces, got a tab',
  TAG_RESOLVE_FAILED: 'a value without a tag, got a tag',
  UNEXPECTED_TOKEN: `valid YAML, got something that is not allowed here (a text with : # { or [ needs quotes: "\${NAME}")`,
};

/** A word in the place of a key. */
const PLAIN_WORD = /^[a-z][a-z_-]{0,19}$/;

/** The first error of a document. @param text of the whole document */
export function yamlFault(document: Document, { code, pos, message }: YAMLError, text: string): YamlFault {
  const [at] = pos;
  if (code === 'MISSING_CHAR' && /closing ["']quote/.test(message)) {
    return { at: quoteBefore(document, at) ?? at, message: 'should be closed by another quote, got none' };
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'BAD_INDENT' || code === 'UNEXPECTED_TOKEN') {
    const item = itemAt(text, at);
    if (item !== null) {
      const before = itemLineAbove(text, item);
      const which = before === null ? 'the items of its list' : `the list item in line ${before}`;
      return { at: item, message: `should be indented like ${which}, got another indentation` };
    }
  }
  if (code === 'MULTILINE_IMPLICIT_KEY' || (code === 'MISSING_CHAR' && /followed by map values/.test(message))) {
    const line = text.slice(at, endOfLine(text, at)).trim();
    const [word = ''] = line.split(/\s/);
    if (word !== '' && !/[:"'[\]{},]/.test(line)) {
      const isShown = PLAIN_WORD.test(word) && (isKnownKey(word) || isForName(text, at));
      const which = isShown ? word : 'the first word of this line';
      return { at, message: `should be "key: value", got no colon after ${which}` };
    }
  }
  return { at, message: `should be ${expectations[code] ?? 'valid YAML'}` };
}

/** Whether a line stands right below `models` or `providers`, where its first word is a name: elsewhere it may be a secret. */
export function isForName(text: string, at: number): boolean {
  const above = text.slice(0, at).split('\n');
  const indentation = (/^ */.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '').length;
  above.pop();
  const parent = above.findLast((line) => line.trim() !== '' && line.search(/\S/) < indentation) ?? '';
  return /^(?:models|providers):\s*(?:#.*)?$/.test(parent);
}

/** Where the quote opens that a text in quotes lacks at its end; null if there is no such text. */
function quoteBefore(document: Document, end: number): number | null {
  let found: number | null = null;
  visit(document, {
    Scalar: (_key, node) => {
      const [from = 0] = node.range ?? [];
      const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
      if (isQuoted && from < end && from >= (found ?? 0)) found = from;
    },
  });
  return found;
}

/** Where the dash of a list item is on the line of this place; null if the line is none. */
function itemAt(text: string, at: number): number | null {
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const [lead] = /^ *(?=-(?: |$))/.exec(text.slice(from, endOfLine(text, from))) ?? [null];
  return lead === null ? null : from + lead.length;
}

/** The line of the list item that stands above this one with another indentation: either of the two may be the wrong one. */
function itemLineAbove(text: string, item: number): number | null {
  const above = text.slice(0, item).split('\n');
  const indentation = above.pop()?.length ?? 0;
  const index = above.findLastIndex((line) => /^ *-(?: |$)/.test(line) && line.indexOf('-') !== indentation);
  return index < 0 ? null : index + 1;
}
