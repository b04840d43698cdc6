/** What was not carried over, for people: places that differ in a number alone are one line. */
import { table } from '../table.ts';
import type { Left } from './source.ts';

/** As many places are named. */
const MOST_NAMED = 3;

/** Lines of a table, or the one that says that nothing was left. */
export function reportLines(left: readonly Left[]): string[] {
  if (left.length === 0) return ['all of it was carried over'];
  const alike = Map.groupBy(left, ({ path, why }) => `${path.replaceAll(/\[\d+\]/g, '[]')} ${why}`);
  return table(
    ['NOT CARRIED OVER, OR NOT AS IT WAS', 'WHY'],
    Array.from(alike.values(), (list) => [placesOf(list.map(({ path }) => path)), list[0]?.why ?? '']),
  );
}

/** `model_list[0].litellm_params.rpm`, or `model_list[0, 1, 2 and 31 more].litellm_params.rpm`. */
function placesOf(paths: readonly string[]): string {
  const [first = ''] = paths;
  if (paths.length === 1) return first;
  const indexes = [...new Set(paths.map((path) => /\[(\d+)\]/.exec(path)?.[1] ?? ''))];
  const named = indexes.slice(0, MOST_NAMED).join(', ');
  const more = indexes.length - MOST_NAMED;
  const times = indexes.length === paths.length ? '' : `, ${paths.length} times`;
  return `${first.replace(/\[\d+\]/, () => `[${named}${more > 0 ? ` and ${more} more` : ''}]`)}${times}`;
}
