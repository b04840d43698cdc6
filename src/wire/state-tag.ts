/**
 * Ids of what a provider keeps, with the mark of the provider that keeps it. Where several do, the mark is all by which a
 * later request finds its way: nothing is stored here, so every worker and every host reads it alike, at any time.
 *
 *   resp_68af…  ◄──►  resp_hg15d41402a_68af…        behind the letters by which clients know what an id is of
 *
 * The first digit is the version of this form. It also tells a mark from such letters.
 */

/** Hexadecimal digits. */
export const TAG_DIGITS = 8;

const kind = /^[A-Za-z]+_/;
const tagged = new RegExp(`^((?:[A-Za-z]+_)?)hg1([0-9a-f]{${TAG_DIGITS}})_(.+)$`, 's');

/** The id with a mark. @param tag `TAG_DIGITS` hexadecimal digits, in lower case */
export function withTag(id: string, tag: string): string {
  const letters = kind.exec(id)?.[0] ?? '';
  return `${letters}hg1${tag}_${id.slice(letters.length)}`;
}

/** An id as its provider gave it, and the mark that it had; null if it had none. */
export function withoutTag(id: string): { readonly id: string; readonly tag: string | null } {
  const parts = tagged.exec(id);
  if (parts === null) return { id, tag: null };
  const [, letters = '', tag = '', rest = ''] = parts;
  return { id: letters + rest, tag };
}
