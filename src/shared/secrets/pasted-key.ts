/**
 * A key that stands where a path or a certificate belongs: nobody may read it in an error or a log. It is told by its look,
 * so a path that looks like one is not shown either; names of files do not. Pure.
 */

/** base64, of which a slash is a character too, which parts a path. */
const RUN = /[A-Za-z0-9+/=]{40,}/g;

/** In a key, slashes are as rare as every other character; in a path, names are shorter than this. */
const MOST_SLASHES = 1 / 15;

/** The shortest name that is looked at, and what of it has no hyphen or underscore between words. */
const SHORTEST_NAME = 30;
const WITHOUT_WORDS = /[A-Za-z0-9+=]{20,}/g;

/**
 * Whether a text may be, or hold, a private key or a provider's key: also one in a single line, without its first and last
 * line, or behind a folder, as a relative path is resolved.
 */
export function mayBeKey(text: string): boolean {
  if (/PRIVATE KEY/.test(text)) return true;
  if (/BEGIN (?:TRUSTED )?CERTIFICATE/.test(text)) return false;
  const names = text.split('/').filter((name) => name.length >= SHORTEST_NAME);
  const ofNames = names.flatMap((name) => name.match(WITHOUT_WORDS) ?? []);
  const runs = (text.match(RUN) ?? []).filter((run) => run.split('/').length - 1 <= run.length * MOST_SLASHES);
  return [...ofNames, ...runs].some(isRandom);
}

/** Digits among letters of both cases, or among hexadecimal ones. */
function isRandom(run: string): boolean {
  return (/[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run)) || /[0-9a-f]{32}/i.test(run);
}

/** A path for a message. */
export function shownPath(path: string): string {
  return mayBeKey(path) ? 'what stands there, which is not shown: it may be a key' : path;
}
