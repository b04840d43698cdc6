/**
 * Lists what a reload changes, by the keys of the configuration file: a provider or a model that was added or removed, and
 * each value that is another one, with what it was. A value that all providers inherit is told once, where it stands.
 *
 * It sees values only as people may see them. What is masked is told to have changed by its digest, and nothing more.
 */
import { type ActiveConfig, isInherited, type Setting } from '../../config/in-force.ts';
import { formatPath } from '../../config/source/faults.ts';

/** What is compared. */
type Compared = Pick<ActiveConfig, 'config' | 'values' | 'digests'>;

/** The status has them once a second, for every watcher. */
const MOST_LINES = 50;

const NONE = 'not set';

/** A longer value, such as a certificate, is known by its beginning. */
const LONGEST = 60;

/** A line for each difference, such as `timeouts.headers: 30s → 10s`; empty if there is none. Pure. */
export function describeChanges(before: Compared, after: Compared): string[] {
  const entries = (['providers', 'models'] as const).flatMap((part) =>
    changedEntries(part, Object.keys(before.config[part]), Object.keys(after.config[part])),
  );
  const ofEntry = (path: string) => entries.some(({ name }) => path === name || path.startsWith(`${name}.`));
  const [was, is] = [byPath(before.values), byPath(after.values)];
  const lines = entries.map(({ name, word }) => `${name}: ${word}`);
  for (const path of new Set([...is.keys(), ...was.keys()])) {
    const [old, now] = [was.get(path), is.get(path)];
    if ((old === undefined || now === undefined) && (ofEntry(path) || isEmpty(old ?? now))) continue;
    if ((old === undefined || isInherited(old)) && (now === undefined || isInherited(now))) continue;
    if (old?.value === now?.value && before.digests.get(path) === after.digests.get(path)) continue;
    const [from, to] = [shortened(old?.value ?? NONE), shortened(now?.value ?? NONE)];
    lines.push(`${path}: ${from === to ? 'changed' : `${from} → ${to}`}`);
  }
  const more = lines.length - MOST_LINES;
  return more <= 0 ? lines : [...lines.slice(0, MOST_LINES), `and ${more} more`];
}

/** `maxBodyBytes` → `max_body`: the name of a field in the file, without the unit that the program adds. */
export function inFile(field: string): string {
  return field.replace(/(Bytes|Ms)$/, '').replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

function changedEntries(part: string, before: readonly string[], after: readonly string[]) {
  const removed = before.filter((name) => !after.includes(name)).map((name) => ({ name, word: 'removed' }));
  const added = after.filter((name) => !before.includes(name)).map((name) => ({ name, word: 'added' }));
  return [...removed, ...added].map(({ name, word }) => ({ name: formatPath([part, name]), word }));
}

function byPath(values: readonly Setting[]): Map<string, Setting> {
  return new Map(values.map((setting) => [setting.path, setting]));
}

/** Stands where a mapping or a list has nothing; what comes into it has lines of its own. */
function isEmpty(setting: Setting | undefined): boolean {
  return setting?.value === '{}' || setting?.value === '[]';
}

/** In one line. */
function shortened(value: string): string {
  const [first = ''] = value.split('\n', 1);
  return first === value && value.length <= LONGEST ? value : `${first.slice(0, LONGEST)}…`;
}
