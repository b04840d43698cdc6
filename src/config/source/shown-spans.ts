/**
 * Which parts of a YAML text may be shown under a fault. A value is shown only where the schema has a plain value that is
 * no secret: what stands under a key that is not known may be a secret whose key is mistyped, unless it is a short number or
 * a switch. A reference is shown as it is written. Of a text that is no YAML nothing is known but the names of keys. Pure.
 */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { mayBeKey } from '../../shared/secrets/pasted-key.ts';
import { isKnownKey, takesKeys, takesPlainValue } from '../schema/json-schema.ts';
import type { Span } from './excerpt.ts';
import type { Path } from './faults.ts';
import { isSecret } from './origins.ts';

/** A text that is one reference, without a default, which may be a secret too. */
const REFERENCE = /^(["']?)\$\{(?:[A-Za-z_]\w*|file:[^}"'\n]*)\}\1$/;

/** What is no secret wherever it stands, unless a secret belongs there: a port, a count, a duration, a switch. */
const HARMLESS = /^(?:\d{1,5}(?:ms|s|m|h)?|true|false|null|~)$/;

/** A line with a word in the place of a key, and nothing behind it but what is harmless: it lacks its colon. */
const WORD_ALONE = /^\s*([a-z][a-z_-]{0,19})(?:\s+(?:\d{1,5}(?:ms|s|m|h)?|true|false|null|~))?\s*$/;

/** Whether it may be shown: a key in the place of the name is not. */
function isReference(text: string): boolean {
  return REFERENCE.test(text) && !mayBeKey(text);
}

/** The keys and plain values of a document, in the order of its text. */
export function shownSpans(contents: unknown, text: string): Span[] {
  const spans: Span[] = [];
  const add = (node: unknown, isShown: boolean) => {
    const [from, to] = (node as Node | null)?.range ?? [0, 0];
    if (to > from) spans.push({ from, to, isShown: isShown || isReference(text.slice(from, to)) });
  };
  const visit = (node: unknown, path: Path): void => {
    if (isScalar(node)) {
      add(node, !isSecret(path, node.value) && (takesPlainValue(path) || HARMLESS.test(node.source ?? '')));
    } else if (isSeq(node)) for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    else if (isMap(node)) {
      for (const { key, value } of node.items) {
        add(key, isScalar(key) && takesKeys(path));
        visit(value, [...path, isScalar(key) ? String(key.value) : '']);
      }
    }
  };
  visit(contents, []);
  return spans;
}

/**
 * The known key that a line of such a text begins with, and as one span all that follows it.
 *
 * @param from the line's beginning @param isForName whether its first word is the name of a model or provider
 */
export function shownOfLine(line: string, from: number, isForName: boolean): Span[] {
  const [lead = '', name = ''] = /^\s*(?:-\s+)*(\w+)\s*:(?=\s|$)/.exec(line) ?? [];
  const [, word] = WORD_ALONE.exec(line) ?? [];
  if (word !== undefined && (isForName || isKnownKey(word))) {
    return [{ from, to: from + line.trimEnd().length, isShown: true }];
  }
  const known = isKnownKey(name) ? lead : (/^[\s-]*/.exec(line)?.[0] ?? '');
  const rest = line.slice(known.length);
  const begin = from + known.length + (rest.length - rest.trimStart().length);
  const end = from + line.trimEnd().length;
  return [
    { from, to: from + known.length, isShown: true },
    ...(end > begin ? [{ from: begin, to: end, isShown: isReference(rest.trim()) }] : []),
  ].filter(({ from: first, to }) => to > first);
}
