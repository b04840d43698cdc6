/** A provider's answer as bytes: whole, and as the events of a stream. */

export interface Written {
  readonly whole: string;
  /** Each with the blank line behind it, or as a frame. */
  readonly events: readonly (string | Buffer)[];
  /** Of the stream. Default: that of server-sent events. */
  readonly mediaType?: string;
}

/** The bytes of a stream. */
export function bytesOf({ events }: Written): Buffer {
  return Buffer.concat(events.map((event) => Buffer.from(event)));
}

/** A text in pieces of so many characters; a character outside of the basic plane may fall apart. */
export function piecesOf(text: string, length: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += length) pieces.push(text.slice(from, from + length));
  return pieces;
}

/** In turns: the first of each list, then the second of each, and so on. */
export function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}
