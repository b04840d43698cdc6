/**
 * Measures what the gateway costs, compared with the bare proxy (the least that is possible with Node) and nginx (the
 * limit), all in one run on loopback. Prints one table and writes the same as JSON. Rows are measured in turn, so
 * figures can be compared within a run, not between runs.
 *
 *   npm run bench -- [--short] [--only SECTION]... [--json FILE] [--peer NAME='COMMAND']... [--peer-header 'NAME: VALUE']...
 *
 * `--short` takes about a minute: fewer rounds and rows, and only the sections that have columns in the table. A peer's
 * command is run by a shell. In it and in the headers, which every request to a peer carries, {port} is replaced by the
 * port to serve on and {upstream} by that of the upstream.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saturator } from '../load/driver.ts';
import { isInstalled } from '../processes/program.ts';
import { figuresTable } from './figures-table.ts';
import { peerFrom, portkey } from './proxies/peers.ts';
import { bare, headgate, nginx, type ProxyKind } from './proxies/proxies.ts';
import { bodies } from './sections/bodies.ts';
import { faces } from './sections/faces.ts';
import { latency } from './sections/latency.ts';
import { memory } from './sections/memory.ts';
import { models } from './sections/models.ts';
import { plain } from './sections/plain.ts';
import { primary } from './sections/primary.ts';
import { readers } from './sections/readers.ts';
import { scaling } from './sections/scaling.ts';
import type { Figures, Section, Setup } from './sections/section.ts';
import { streams } from './sections/streams.ts';

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
  faces,
};

/** `--short` leaves these out, unless `--only` names them. */
const longOnly = ['scaling', 'bodies', 'models', 'primary', 'readers', 'faces'];

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
  if (Object.keys(figures).length > 0) console.log(`${figuresTable(figures, rows).join('\n')}\n`);
  for (const note of [machine, ...notes]) console.log(note);
  const file = flags.json ?? join(tmpdir(), `headgate-bench-${new Date().toISOString().replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, figures, notes }, null, 2)}\n`);
  console.log(`written to ${file}`);
}

await main();
