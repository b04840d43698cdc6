/**
 * Replaces references in texts: `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `${file:PATH}`; `$${` stands for a
 * plain `${`. It sees parsed scalars only, so what a variable holds can never become structure, and never looks at its
 * own results again.
 */
import type { FileText } from './read-small-file.ts';

/** Where references find their values. */
export interface ReferenceSources {
  /** A variable's value; undefined where it is not set. */
  variable(name: string): string | undefined;
  /** A file's text, or why it is none that may be read. */
  file(path: string): FileText;
}

type Interpolation =
  /** `references` as written, less their defaults; empty for a text without any. */
  | { readonly kind: 'text'; readonly text: string; readonly references: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };

const referencePattern = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const variablePattern = /^([A-Za-z_][A-Za-z0-9_]*)(?::([-?])(.*))?$/s;

/** The text with all its references replaced, or what is wrong with the first that cannot be. */
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
  const references = [`\${${name}}`];
  const value = sources.variable(name);
  if (value !== undefined && value !== '') return { kind: 'text', text: value, references };
  if (operator === '-') return { kind: 'text', text: argument, references };
  const wish = operator === '?' && argument !== '' ? `set: ${argument}` : 'set in the environment';
  return { kind: 'failed', message: `should be ${wish}, got ${value === '' ? 'an empty' : 'no'} ${name}` };
}

function readFile(path: string, sources: ReferenceSources): Interpolation {
  const file = sources.file(path);
  if (file.kind === 'unfit') {
    const got = `${file.got} for ${JSON.stringify(path)}`;
    return { kind: 'failed', message: `should be the text of a regular file of at most 64 KiB, got ${got}` };
  }
  // Editors and secret stores end files with a newline that belongs to no secret.
  return { kind: 'text', text: file.text.replace(/\r?\n$/, ''), references: [`\${file:${path}}`] };
}

const malformed: Interpolation = {
  kind: 'failed',
  message: `should hold references as \${NAME}, \${NAME:-default}, \${NAME:?message} or \${file:PATH}, got another form`,
};
