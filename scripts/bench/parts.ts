/**
 * What the hand-written parts earn, each measured alone: the built gateway as it is, against a copy in which the part is
 * replaced by the library's own way. Prints ratios of worker CPU, alternative to ours, and the same ratios between two
 * gateways of the same code (the control), which are the noise.
 *
 *   npm run bench:parts -- [--only fold|chunks]... [--starts N] [--load plain|streams --replace PLACE=FILE]...
 *
 * `--replace` compares with any other version of a file instead: its place below `src`, and the file to use there.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './gateway-under-test.ts';
import { compare } from './parts/compare.ts';
import { formatComparison } from './parts/format-comparison.ts';
import { measurePlain, measureStreams } from './parts/measure.ts';
import { buildVariant, type Replacements } from './parts/variant.ts';
import { withFolder } from './program.ts';

const measures = { plain: measurePlain, streams: measureStreams } as const;

interface Part {
  readonly title: string;
  readonly load: keyof typeof measures;
  readonly replacements: Replacements;
}

const folder = join(root, 'scripts/bench/parts');

const parts: Readonly<Record<string, Part>> = {
  fold: {
    title: "the fold's counters and histograms; prom-client's own instead",
    load: 'plain',
    replacements: {
      'shared/metrics/folded-metric.ts': join(folder, 'library-metric.ts'),
      'shared/metrics/record.ts': join(folder, 'library-record.ts'),
    },
  },
  chunks: {
    title: "the chunked writer; node:http's own chunks instead",
    load: 'streams',
    replacements: { 'worker/request/chunked-writer.ts': join(folder, 'plain-writer.ts') },
  },
};

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    starts: { type: 'string', default: '12' },
    load: { type: 'string', default: 'plain' },
    replace: { type: 'string', multiple: true },
  },
});

function chosen(): Part[] {
  if (flags.replace !== undefined) {
    const load = flags.load === 'streams' ? 'streams' : 'plain';
    const replacements = Object.fromEntries(flags.replace.map((pair) => pair.split('=')));
    return [{ title: `other versions of ${Object.keys(replacements).join(', ')}`, load, replacements }];
  }
  return (flags.only ?? Object.keys(parts)).map((name) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`there is no part ${name}; known: ${Object.keys(parts).join(', ')}`);
    return part;
  });
}

async function main(): Promise<void> {
  for (const { title, load, replacements } of chosen()) {
    const comparison = await withFolder((ours) =>
      withFolder((other) => {
        buildVariant(ours, {});
        buildVariant(other, replacements);
        return compare({ ours, other, measure: measures[load], maxStarts: Number(flags.starts) });
      }),
    );
    console.log(formatComparison(title, load === 'plain' ? 'plain request' : 'streamed chunk', comparison));
  }
}

await main();
