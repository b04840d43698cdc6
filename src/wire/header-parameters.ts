/** The parameters of a header's value (RFC 9110, 5.6.6): `form-data; name="model"; filename="a.mp3"`. */

const parameter = /[ \t]*;[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t;"]+))/gy;

/**
 * Names in lower case, and their values without quotes, in which escapes stay as they are. Null where anything else is
 * between them, or a name occurs twice: readers differ in what they take from such a value.
 */
export function headerParameters(value: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  const first = value.indexOf(';');
  let end = first < 0 ? value.length : first;
  parameter.lastIndex = end;
  for (let match = parameter.exec(value); match !== null; match = parameter.exec(value)) {
    const [, name = '', quoted, plain = ''] = match;
    const key = name.toLowerCase();
    if (found.has(key)) return null;
    found.set(key, quoted ?? plain);
    end = parameter.lastIndex;
  }
  return /^[ \t;]*$/.test(value.slice(end)) ? found : null;
}
