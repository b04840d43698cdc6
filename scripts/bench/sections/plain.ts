/** Plain requests: columns of CPU, ratio and requests per second. */

import { longRounds, measurePlain, shortRounds } from '../measuring/measure-plain.ts';
import { bare } from '../proxies/proxies.ts';
import { formatShare, perRow, type Section } from './section.ts';

/** From this share of a core on, the upstream may limit the requests per second. */
const BUSY_UPSTREAM = 0.8;

export const plain: Section = async ({ kinds, short }) => {
  const readings = await measurePlain(kinds, short ? shortRounds : longRounds);
  const { cpu, primaryCpu, perSecond, upstreamShare, upstreamName } = readings;
  const busiest = Math.max(...kinds.map(({ name }) => upstreamShare.median(name)));
  const verdict = busiest >= BUSY_UPSTREAM ? 'it was the bottleneck' : 'it was not the bottleneck';
  return {
    figures: {
      plainCpu: perRow(kinds, (row) => cpu.median(row)),
      plainPrimaryCpu: perRow(kinds, (row) => primaryCpu.median(row)),
      plainRatio: perRow(kinds, (row) => cpu.ratio(row, bare.name)),
      perSecond: perRow(kinds, (row) => perSecond.median(row)),
    },
    notes: [
      `plain: the upstream, ${upstreamName}, used at most ${formatShare(busiest)} of a core: ${verdict}`,
      ...kinds.flatMap(({ name }) => {
        const failed = readings.failed.of(name).reduce((sum, count) => sum + count, 0);
        return failed === 0 ? [] : [`plain: ${failed} requests of "${name}" failed: its figures are void`];
      }),
    ],
  };
};
