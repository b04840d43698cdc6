/**
 * What a request, a chunk and a body cost in this version beside another one, which stands built in another folder.
 * Prints ratios of worker CPU, the other version to ours, beside the ratios between two gateways of the same code (the
 * control), which are the noise: above 1, ours is cheaper. A start takes about a minute.
 *
 *   npm run bench:beside -- FOLDER [--only plain|chunk|body]... [--starts N]
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measurePlain } from './measuring/measure-plain.ts';
import { measureStreams } from './measuring/measure-streams.ts';
import { comparePrograms } from './parts/compare.ts';
import { comparisonText, startText } from './parts/comparison-text.ts';
import { type Part, shortRounds } from './parts/parts.ts';
import { heavyRequestBody } from './upstream/payloads.ts';

const PROGRAM = join('dist', 'cli', 'main.js');

interface Load {
  readonly unit: string;
  readonly measure: Part['measure'];
}

function plain(unit: string, ...bodies: string[]): Load {
  return {
    unit,
    async measure(kinds) {
      const { cpu, failed } = await measurePlain(kinds, shortRounds, bodies.length === 0 ? undefined : bodies);
      return { cpu, failures: failed };
    },
  };
}

const loads: Readonly<Record<string, Load>> = {
  plain: plain('plain request'),
  chunk: {
    unit: 'streamed chunk',
    async measure(kinds) {
      const { cpu, lost } = await measureStreams(kinds, shortRounds);
      return { cpu, failures: lost };
    },
  },
  body: plain('request of 100 KB', heavyRequestBody(100_000)),
};

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(loads) },
    starts: { type: 'string', default: '4' },
  },
});

async function main(): Promise<void> {
  const [folder] = positionals;
  if (folder === undefined) throw new Error('name the folder of the other version, built with npm run build');
  const starts = Number(flags.starts);
  if (!Number.isInteger(starts) || starts < 1) throw new Error(`--starts is a number from 1, not ${flags.starts}`);
  const ours = fileURLToPath(new URL(`../../${PROGRAM}`, import.meta.url));
  for (const name of flags.only) {
    const load = loads[name];
    if (load === undefined) throw new Error(`there is no ${name}; known: ${Object.keys(loads).join(', ')}`);
    const programs = { ours, other: join(resolve(folder), PROGRAM), measure: load.measure };
    const all = await comparePrograms(programs, starts, (start, number) =>
      console.log(`${name}, start ${number} of ${starts}, ${startText(start)}`),
    );
    console.log(`\n${comparisonText(load, all).join('\n')}\n`);
  }
}

await main();
