/** Reads the parameters of a URL. Pure. */

/** The text of a parameter, undefined without it; one that is given twice counts as a text of both, which nothing is named. */
export function askedText(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
