/** Which command was given. Pure, and loads nothing: it is asked before all else. */

/** What the program itself answers. */
const ownFlags: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);

/** The arguments with their command: bare `headgate`, with flags or without, serves. */
export function withCommand(given: readonly string[]): readonly string[] {
  const [first] = given;
  const isNamed = first !== undefined && (!first.startsWith('-') || ownFlags.has(first));
  return isNamed ? given : ['serve', ...given];
}
