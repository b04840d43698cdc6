/**
 * Replaces references in texts: `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `${file:PATH}`; `$${` becomes a
 * plain `${`. It works on parsed scalars only, so the value of a variable can never become YAML structure. It does not
 * replace references in its own results.
 */
import type { FileText } from '../../shared/host/read-small-file.ts';
import { mayBeKey, shownPath } from '../../shared/secrets/pasted-key.ts';

/** Where the values of references come from. */
export interface ReferenceSources {
  /** A variable's value; undefined if it is not set. */
  variable(name: string): string | undefined;
  /** A file's text, or the reason why it cannot be used. */
  file(path: string): FileText;
}

type Interpolation =
  /** `references` as written, without their defaults; empty for a text without any. */
  | { readonly kind: 'text'; readonly text: string; readonly references: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };

const referencePattern = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const variablePattern = /^([A-Za-z_][A-Za-z0-9_]*)(?::([-?])(.*))?$/s;

/** The text with all references replaced, or the fault of the first reference that has no value. */
export function interpolate(text: string, sources: ReferenceSources): Interpolation {
  const references: string[] = [];
  let failure: string | null = null;
  const replaced = text.replace(referencePattern, (whole: string, body: string | undefined) => {
    if (whole === '$${') return '${';
    const value = resolve(body ?? '', sources);
    if (value.kind === 'failed') failure ??= value.message;
    else references.push(...value.references);
    return value.kind === 'failed' ? '' : value.text;
  });
  return failure === null ? { kind: 'text', text: replaced, references } : { kind: 'failed', message: failure };
}

function resolve(body: string, sources: ReferenceSources): Interpolation {
  const parts = variablePattern.exec(body);
  if (parts === null) return body.startsWith('file:') ? readFile(body.slice('file:'.length), sources) : malformed;
  const [, name = '', operator, argument = ''] = parts;
  // A key between the braces looks like a name.
  const isShown = !mayBeKey(name);
  const references = [isShown ? `\${${name}}` : '…'];
  const value = sources.variable(name);
  if (value !== undefined && value !== '') return { kind: 'text', text: value, references };
  if (operator === '-') return { kind: 'text', text: argument, references };
  const help = operator === '?' && argument !== '' ? ` (${argument})` : '';
  const got = value === '' ? 'an empty one' : 'none: it is not set';
  const named = isShown ? name : 'that is named here (not shown, since that may be a key)';
  return { kind: 'failed', message: `should be the value of the environment variable ${named}${help}, got ${got}` };
}

function readFile(path: string, sources: ReferenceSources): Interpolation {
  const file = sources.file(path);
  if (file.kind === 'unfit') {
    const expected = `the text of a regular file ${JSON.stringify(shownPath(path))} of at most 1 MiB`;
    return { kind: 'failed', message: `should be ${expected}, got ${file.got}` };
  }
  // Editors and secret stores add a newline at the end that is not part of the secret.
  return { kind: 'text', text: file.text.replace(/\r?\n$/, ''), references: [`\${file:${path}}`] };
}

const malformed: Interpolation = {
  kind: 'failed',
  message: `should hold references of the form \${NAME}, \${NAME:-default}, \${NAME:?message} or \${file:PATH}, got another form`,
};
