/**
 * Which model an error names, where it names one. A request may name more models than its own: fallbacks, one that advises,
 * one that draws. That such a one is not there is its client's error, and no reason to leave the target out for others.
 */

/** How much of a text is searched. */
const SEARCHED_CHARACTERS = 300;

const quote = '[`\'"\u2018\u2019\u201c\u201d]';
const name = String.raw`[\w.:/@-]{1,200}`;
const patterns: readonly RegExp[] = [
  new RegExp(
    `^(?:error: ?)?(?:(?:the|your|this|no such|unknown|requested|specified) ){0,3}models?:? ${quote}(${name})${quote}`,
    'i',
  ),
  new RegExp(`^(?:error: ?)?models?: (${name})$`, 'i'),
  new RegExp(`^(?:error: ?)?no endpoints found for (${name})$`, 'i'),
  new RegExp(String.raw`^(${name}) is not a valid model ID\b`, 'i'),
];

/** Whether the message is about another model than this. @param model the target's, as the provider calls it */
export function namesAnotherModel(message: string, model: string): boolean {
  const text = message.slice(0, SEARCHED_CHARACTERS);
  const named = patterns.map((pattern) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
  if (named === undefined) return false;
  // Providers put a path before a name, or a version behind it.
  const [one, other] = [plain(named), plain(model)];
  return !one.includes(other) && !other.includes(one);
}

/** Without a path, and the full stop of a sentence. */
function plain(model: string): string {
  return model.toLowerCase().replace(/\.$/, '').replace(/^.*\//, '');
}
