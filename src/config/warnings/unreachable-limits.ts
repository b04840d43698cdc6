/**
 * Warns of time limits that can never be reached, since another one ends the request before. Only of limits that the file
 * sets: a default that a shorter limit makes idle is nobody's mistake. Pure.
 */
import { defaults } from '../schema/defaults.ts';
import { parseDuration } from '../schema/quantities.ts';
import { formatPath, type Path } from '../source/faults.ts';
import { isMapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';
import type { Concern, LoadedConfig } from './warning.ts';

/** The second one ends what the first one limits. */
const pairs = [
  ['connect', 'total'],
  ['headers', 'total'],
  ['first_content', 'total'],
  ['move_on', 'total'],
  ['move_on', 'first_content'],
  ['stall', 'max_stream'],
] as const;

type Limit = keyof typeof defaults.timeouts;

/** One for each limit that is set too long, at its own place. */
export function unreachableLimits({ tree }: Pick<LoadedConfig, 'tree'>): Concern[] {
  const found = new Map<string, Concern>();
  for (const layers of allLayers(tree)) {
    for (const [limit, end] of pairs) {
      const [own, ending] = [lastIn(tree, layers, limit), lastIn(tree, layers, end)];
      if (own.path === null || own.ms <= ending.ms) continue;
      const name = formatPath(own.path);
      const by = ending.path === null ? `timeouts.${end}, by default` : formatPath(ending.path);
      const message = `${name} (${own.text}) can never be reached: ${by} (${ending.text}) ends the request before`;
      if (!found.has(name)) found.set(name, { path: own.path, message });
    }
  }
  return [...found.values()];
}

interface SetLimit {
  readonly ms: number;
  readonly text: string;
  /** Null: the default. */
  readonly path: Path | null;
}

/** The value of the last block that sets the limit. */
function lastIn(tree: SourceTree, layers: readonly Path[], limit: Limit): SetLimit {
  const path = layers.map((layer) => [...layer, limit]).findLast((each) => valueAt(tree.value, each) !== undefined);
  const text = String(path === undefined ? defaults.timeouts[limit] : valueAt(tree.value, path));
  return { ms: parseDuration(text) ?? 0, text, path: path ?? null };
}

/** For each target, and for what each provider and the whole file say: the blocks from the outermost inwards. */
function allLayers(tree: SourceTree): Path[][] {
  const root = ['timeouts'];
  const providers = Object.keys(mappingAt(tree, ['providers']));
  const models = Object.keys(mappingAt(tree, ['models']));
  return [
    [root],
    ...providers.map((name) => [root, ['providers', name, 'timeouts']]),
    ...models.flatMap((model) =>
      targetsOf(tree, ['models', model, 'targets']).map(({ path, provider }) => [
        root,
        ['providers', provider, 'timeouts'],
        ['models', model, 'timeouts'],
        [...path, 'timeouts'],
      ]),
    ),
  ];
}

function targetsOf(tree: SourceTree, path: Path): { readonly path: Path; readonly provider: string }[] {
  const entries = valueAt(tree.value, path);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index) => {
    const at = [...path, index];
    if (Array.isArray(entry)) return targetsOf(tree, at);
    return isMapping(entry) && typeof entry.provider === 'string' ? [{ path: at, provider: entry.provider }] : [];
  });
}
