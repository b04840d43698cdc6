/** What a text of JSON says of characters that UTF-8 cannot. */

/** Whether it has an escape that is half a surrogate pair. @param text valid JSON */
export function hasLoneSurrogate(text: string): boolean {
  const withoutOthers = text.replace(/\\[^u]/g, '  ');
  return /\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]/i.test(withoutOthers);
}
