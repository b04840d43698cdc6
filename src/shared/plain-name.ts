/** Foreign text that a line of a log or a terminal can show without harm. Pure. */

/** What would move the cursor, or turn the direction of what follows. */
export const movingCharacters = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A name that anybody may have chosen, on one line, in at most so many UTF-16 units. */
export function plainName(name: string, most: number): string {
  const plain = name.slice(0, most).replace(movingCharacters, '·').toWellFormed();
  return name.length <= most ? plain : `${plain.slice(0, most - 1).toWellFormed()}…`;
}
