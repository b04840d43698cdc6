/**
 * What a server does not know of the fields of an API's requests. It would refuse the request, or read over a field that
 * bounds the answer.
 */

/** By the names of the fields at the top of a request. */
export interface FieldRules {
  /** Names of fields that are left out: the answer is the same without them. */
  readonly leftOut?: readonly string[];
  /** By their names, the names under which the server knows the same fields. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** The names that rules are about, each once. */
export function namesIn({ leftOut = [], renamed = {} }: FieldRules): readonly string[] {
  return [...new Set([...leftOut, ...Object.keys(renamed), ...Object.values(renamed)])];
}

/** An object that follows rules, and the names of what it was left without. A field that has both names keeps them. */
export function ruled(
  payload: object,
  { leftOut = [], renamed = {} }: FieldRules,
): { readonly payload: object; readonly dropped: readonly string[] } {
  const dropped = leftOut.filter((name) => Object.hasOwn(payload, name));
  const fields = Object.entries(payload).filter(([name]) => !leftOut.includes(name));
  const named = fields.map(([name, value]) => {
    const other = renamed[name];
    return other === undefined || Object.hasOwn(payload, other) ? [name, value] : [other, value];
  });
  return { payload: Object.fromEntries(named), dropped };
}
