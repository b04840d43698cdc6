/** Values of LiteLLM's as they stand in a configuration of ours. Pure. */

const VARIABLE = /^os\.environ\/([A-Za-z_]\w*)$/;

/** A reference to a variable of the environment. @param otherwise its value where the variable is not set */
export function reference(name: string, otherwise?: string): string {
  return otherwise === undefined ? `\${${name}}` : `\${${name}:-${otherwise}}`;
}

/** `os.environ/NAME` as `${NAME}`; of another text, what would be a reference here is none. */
export function valueText(text: string): string {
  const name = VARIABLE.exec(text)?.[1];
  return name === undefined ? text.replaceAll('${', () => '$${') : reference(name);
}

/** The same for all texts within a value. */
export function withReferences(value: unknown): unknown {
  if (typeof value === 'string') return valueText(value);
  if (Array.isArray(value)) return value.map((each: unknown) => withReferences(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withReferences(each)]));
}

/** Whether a text stands there in full. */
export function isLiteral(text: string): boolean {
  return !VARIABLE.test(text);
}

/** A number, which may be a text; in LiteLLM's YAML it may be written as `20_000`. */
export function numberOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number = isText ? Number(value.replaceAll(/(?<=\d)_(?=\d)/g, '')) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Whether it looks like a reference of something that fills files in. */
export function isTemplate(text: string): boolean {
  return /\$\{\w+/.test(text);
}

/** Of such a text. */
export const TEMPLATE =
  'is no reference for LiteLLM, and none here: write it with one $ if something fills the file in before LiteLLM reads it';

/** Of a key that stands in the file itself. */
export const LITERAL_KEY = 'carried over as it is: put it in a variable of the environment';
