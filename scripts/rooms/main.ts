/**
 * Prints the rooms of the code: for each folder of `src` its entries and the arrows (imports) between them, the arrows
 * that run back up, and the sizes of files.
 *
 *   node scripts/rooms/main.ts [CHECKOUT]
 */
import { fileURLToPath } from 'node:url';
import { table } from '../../src/cli/table.ts';
import { arrowsUpward, readSources, rooms } from './import-graph.ts';

const root = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url));
const sources = readSources(root, 'src/**/*.ts');
const all = rooms(sources, 'src');
const upward = all.flatMap((room) => arrowsUpward(room).map(({ from, to }) => `${room.folder}: ${from} → ${to}`));
const sizes = sources.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));
const bySize = sizes.toSorted((one, other) => one.lines - other.lines);
const largest = bySize.at(-1);

const rows = all.map((room) =>
  [room.folder, room.entries.length, room.arrows.length, arrowsUpward(room).length].map(String),
);
console.log(table(['room', 'entries', 'arrows', 'upward'], rows).join('\n'));
console.log(`\narrows upward: ${upward.length === 0 ? 'none' : upward.join(', ')}`);
console.log(`files ${sizes.length}, median ${bySize[Math.floor(bySize.length / 2)]?.lines} lines`);
console.log(`largest ${largest?.name}, ${largest?.lines} lines`);
