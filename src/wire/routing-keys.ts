/**
 * The names at the top of a chat request that decide what becomes of it. A name that is only like one of them is found
 * too: readers written in Go take `Model` and `ſtream` for `model` and `stream`, and the last one wins.
 */

/** What the gateway reads, and what bounds the cost of an answer. */
const routingKeys = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'stop',
  'temperature',
  'max_tokens',
  'max_completion_tokens',
] as const;

export type RoutingKey = (typeof routingKeys)[number];

/** What a name means to a reader that ignores case, and whether it is written exactly so. */
interface FoldedKey {
  readonly key: RoutingKey;
  readonly exact: boolean;
}

/** Longer names, in bytes, cannot be one of them, whatever is escaped. */
const LONGEST_BYTES = '\\u0000'.length * Math.max(...routingKeys.map((key) => key.length));

const BACKSLASH = 0x5c;
const LOWER_A = 0x61;

const DIFFERENT = 0;
const IN_ANOTHER_CASE = 1;
const SAME = 2;

/** Nearly all other names have a length that none of these has, or differ in the first letter. */
const byLength: readonly (readonly RoutingKey[] | undefined)[] = Array.from({ length: LONGEST_BYTES }, (_, length) => {
  const keys = routingKeys.filter((key) => key.length === length);
  return keys.length === 0 ? undefined : keys;
});

/** The key that the name between `from` and `to`, escapes included, is or resembles; null for any other name. */
export function foldedKey(bytes: Buffer, from: number, to: number): FoldedKey | null {
  if (to - from > LONGEST_BYTES) return null;
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x80 || byte === BACKSLASH) return foldedText(JSON.parse(`"${bytes.toString('utf8', from, to)}"`));
  }
  for (const key of byLength[to - from] ?? []) {
    const likeness = likenessOf(key, bytes, from);
    if (likeness !== DIFFERENT) return { key, exact: likeness === SAME };
  }
  return null;
}

function likenessOf(key: RoutingKey, bytes: Buffer, from: number): number {
  let likeness = SAME;
  for (let index = 0; index < key.length; index += 1) {
    const wanted = key.charCodeAt(index);
    const byte = bytes[from + index] ?? 0;
    if (byte === wanted) continue;
    if (wanted < LOWER_A || (byte | 0x20) !== wanted) return DIFFERENT;
    likeness = IN_ANOTHER_CASE;
  }
  return likeness;
}

/** The long s and the Kelvin sign are the only characters outside of ASCII that fold to a letter of it. */
function foldedText(text: unknown): FoldedKey | null {
  if (typeof text !== 'string') return null;
  const folded = text.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
  const key = routingKeys.find((each) => each === folded);
  return key === undefined ? null : { key, exact: text === key };
}
