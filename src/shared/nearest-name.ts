/** Finds the known name that a misspelt name probably means: an operator's, or a client's, whom it must not cost much. Pure. */

/**
 * The candidate nearest to `name`, or null if none is near. Case, `-` and `_` do not count, so `baseUrl` finds
 * `base_url`.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > 2 * LONGEST) return null;
  const wanted = normalise(name);
  let left = MOST_CELLS;
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (left < 0) break;
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    const distance = editDistance(
      wanted,
      normalise(candidate),
      best === null ? limit : Math.min(limit, best.distance - 1),
    );
    if (distance <= limit && (best === null || distance < best.distance)) best = { candidate, distance };
    if (best?.distance === 0) break;
    if (Math.abs(wanted.length - candidate.length) <= limit) left -= wanted.length * candidate.length;
  }
  return best?.candidate ?? null;
}

/** The hint of a fault: `did you mean "port"?`, or null. */
export function didYouMean(name: string, candidates: Iterable<string>): string | null {
  const nearest = nearestName(name, candidates);
  return nearest === null ? null : `did you mean ${JSON.stringify(nearest)}?`;
}

/** Longer names are never compared: the cost of the distance is the product of both lengths. */
const LONGEST = 64;

/** For one name, some milliseconds' worth: candidates beyond that are not looked at. */
const MOST_CELLS = 200_000;

function normalise(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbours that turn `from` into `to` (optimal string
 * alignment); infinite as soon as it is certain to be more than `most`.
 */
function editDistance(from: string, to: string, most: number): number {
  if (from.length > LONGEST || to.length > LONGEST) return Number.POSITIVE_INFINITY;
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + cost,
          swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    // A swap may still reach over one row.
    if (Math.min(...last) > most && Math.min(...row) > most) return Number.POSITIVE_INFINITY;
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
