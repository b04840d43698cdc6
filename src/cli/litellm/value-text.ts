/** Values of LiteLLM's as they stand in a configuration of ours. Pure. */

const VARIABLE = /^os\.environ\/([A-Za-z_]\w*)$/;

/** A reference to a variable of the environment. */
export function reference(name: string): string {
  return `\${${name}}`;
}

/** `os.environ/NAME` as `${NAME}`; of another text, what would be a reference here is none. */
export function valueText(text: string): string {
  const name = VARIABLE.exec(text)?.[1];
  return name === undefined ? text.replaceAll('${', () => '$${') : reference(name);
}

/** Whether a text stands there in full. */
export function isLiteral(text: string): boolean {
  return !VARIABLE.test(text);
}

/** Of a key that stands in the file itself. */
export const LITERAL_KEY = 'carried over as it is: put it in a variable of the environment';

/** Seconds as a duration. */
export function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
