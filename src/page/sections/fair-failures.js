/**
 * As many failures as the page keeps, chosen as the gateway chooses those that it keeps: of too many, the oldest of the most
 * numerous kind goes, so that a flood that comes while the page is open hides nothing rare.
 */

/** @import { Failure } from '../../primary/failures/failure.ts' */

const KEPT = 200;

/** @param {readonly Failure[]} failures the newest first @returns {readonly Failure[]} */
export function fairly(failures) {
  const kept = [...failures];
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const failure of kept) counts.set(kindOf(failure), (counts.get(kindOf(failure)) ?? 0) + 1);
  while (kept.length > KEPT) {
    const most = Math.max(...counts.values());
    const [gone] = kept.splice(
      kept.findLastIndex((failure) => counts.get(kindOf(failure)) === most),
      1,
    );
    counts.set(kindOf(gone), most - 1);
  }
  return kept;
}

/** @param {Failure} failure */
function kindOf({ model, code, provider, providers }) {
  return [model, code, provider, ...providers].join('\n');
}
