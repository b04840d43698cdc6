/**
 * What two hand-written parts earn, each measured alone: the built gateway as it is, against a copy in which the part is
 * replaced by what a library offers. Prints ratios of worker CPU, the alternative to ours, beside the ratios between two
 * gateways of the same code (the control), which are the noise. A start takes about a minute.
 *
 *   npm run bench:parts -- [--only chunks|fold]... [--starts N]
 */
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { comparisonText, startText } from './comparison-text.ts';
import { parts } from './parts.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(parts) },
    starts: { type: 'string', default: '8' },
  },
});

async function main(): Promise<void> {
  const starts = Number(flags.starts);
  if (!Number.isInteger(starts) || starts < 1) throw new Error(`--starts is a number from 1, not ${flags.starts}`);
  const wanted = flags.only.map((name) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`there is no part ${name}; known: ${Object.keys(parts).join(', ')}`);
    return part;
  });
  for (const part of wanted) {
    console.log(`${part.ours}, compared with ${part.alternative}`);
    const comparison = await compare(part, starts, (start, number) =>
      console.log(`start ${number} of ${starts}, ${startText(start)}`),
    );
    console.log(`\n${comparisonText(part, comparison).join('\n')}\n`);
  }
}

await main();
