/**
 * What the gateway adds, beside the bare proxy that Node allows and nginx as the limit, all in one run on loopback:
 * prints one table and writes the same as JSON. Rows take turns, so compare them within a run and not between runs.
 *
 *   npm run bench -- [--short] [--only SECTION]... [--json FILE] [--peer NAME='COMMAND']... [--peer-header 'NAME: VALUE']...
 *
 * `--short` takes about a minute: fewer rounds and rows, and of the sections only those of the table. A peer's command is
 * run by a shell with {port} and {upstream}, the port to serve on and that of the upstream, filled in; so are its
 * headers, which every request to a peer carries.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saturator } from './load.ts';
import { peerFrom, portkey } from './peers.ts';
import { isInstalled } from './program.ts';
import { bare, headgate, nginx, type ProxyKind } from './proxies.ts';
import type { Figures, Section, Setup } from './section.ts';
import { bodies } from './section-bodies.ts';
import { latency } from './section-latency.ts';
import { memory } from './section-memory.ts';
import { models } from './section-models.ts';
import { plain } from './section-plain.ts';
import { primary } from './section-primary.ts';
import { readers } from './section-readers.ts';
import { scaling } from './section-scaling.ts';
import { streams } from './section-streams.ts';
import { formatFigures } from './table.ts';

const sections: Readonly<Record<string, Section>> = {
  plain,
  streams,
  latency,
  memory,
  scaling,
  bodies,
  models,
  primary,
  readers,
};

/** What `--short` leaves out unless it is asked for by name. */
const longOnly = ['scaling', 'bodies', 'models', 'primary', 'readers'];

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    peer: { type: 'string', multiple: true, default: [] },
    'peer-header': { type: 'string', multiple: true, default: [] },
  },
});

const moreOfOurs = [
  headgate('Headgate, 1 worker, logs off', { workers: 1, logs: false }),
  headgate('Headgate, 2 workers', { workers: 2 }),
];

function kindsToCompare(): { kinds: ProxyKind[]; notes: string[] } {
  const installedPeer = portkey();
  const limit = isInstalled('nginx') ? [nginx] : [];
  const kinds = [
    ...limit,
    bare,
    headgate('Headgate, 1 worker', { workers: 1 }),
    ...(flags.short ? [] : moreOfOurs),
    ...(installedPeer === null ? [] : [installedPeer]),
    ...flags.peer.map((peer) => peerFrom(peer, flags['peer-header'])),
  ];
  const notes = [
    ...(limit.length > 0 ? [] : ['nginx is not installed: no limit to compare with']),
    ...(installedPeer !== null ? [] : ['@portkey-ai/gateway is not installed: not compared']),
  ];
  return { kinds, notes };
}

async function main(): Promise<void> {
  const wanted = flags.only ?? Object.keys(sections).filter((name) => !flags.short || !longOnly.includes(name));
  const unknown = wanted.filter((name) => !(name in sections));
  if (unknown.length > 0)
    throw new Error(`there is no ${unknown.join(', ')}; known: ${Object.keys(sections).join(', ')}`);
  const { kinds, notes } = kindsToCompare();
  const setup: Setup = { kinds, short: flags.short };
  const figures: Figures = {};
  for (const [name, section] of Object.entries(sections)) {
    if (!wanted.includes(name)) continue;
    console.error(`measuring ${name} …`);
    const result = await section(setup);
    Object.assign(figures, result.figures);
    notes.push(...result.notes);
  }
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, load by ${saturator}`;
  const rows = kinds.map(({ name }) => name);
  if (Object.keys(figures).length > 0) console.log(`${formatFigures(figures, rows)}\n`);
  for (const note of [machine, ...notes]) console.log(note);
  const file = flags.json ?? join(tmpdir(), `headgate-bench-${new Date().toISOString().replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, figures, notes }, null, 2)}\n`);
  console.log(`written to ${file}`);
}

await main();
