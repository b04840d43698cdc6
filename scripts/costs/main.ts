/**
 * What one client connection, one answer of a provider, or many at once can cost a worker: memory, the time in which it
 * serves nobody else, places and descriptors. A built gateway with one worker, on loopback; prints a table. Takes about
 * four minutes for each version.
 *
 *   npm run costs -- [--only PART-OF-A-NAME]... [--checkout FOLDER | --commit COMMIT]
 *
 * With another version, a built checkout or a commit, each attack is measured on both, and each figure is shown as
 * BEFORE → AFTER. Memory is the kernel's peak above what the warm worker has; "of kept" divides it by what the worker's
 * limits let it keep of what is sent. The longest turn is of the worker's own loop; its CPU time can be compared on a busy
 * machine too.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Rig } from '../rig/rig.ts';
import { attacks } from './attacks/all.ts';
import { headLines, rowLine } from './costs-table.ts';
import { type Figures, measure } from './measure.ts';
import { OtherSide } from './other-side/other-side.ts';
import { checkout, commit, thisVersion, type Version } from './versions.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    checkout: { type: 'string' },
    commit: { type: 'string' },
  },
});

function otherVersions(): Version[] {
  if (flags.commit !== undefined) return [commit(flags.commit)];
  return flags.checkout === undefined ? [] : [checkout(flags.checkout)];
}

const wanted = attacks.filter(({ name }) => flags.only.length === 0 || flags.only.some((part) => name.includes(part)));
const versions = [...otherVersions(), thisVersion];
const [load = 0] = loadavg();
console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${load.toFixed(1)} at the start`);
console.log(`${versions.map(({ name }) => name).join(' → ')}\n`);
console.log(headLines().join('\n'));
for (const attack of wanted) {
  const figures: Figures[] = [];
  for (const { program } of versions) {
    await Rig.with(async (rig) => {
      figures.push(await measure(rig, rig.add(await OtherSide.start()), attack, program));
    });
  }
  console.log(rowLine({ attack, figures }));
}
