/** Streams that flow: columns of CPU per chunk. */

import { longRounds, shortRounds } from '../measuring/measure-plain.ts';
import { measureStreams } from '../measuring/measure-streams.ts';
import { bare } from '../proxies/proxies.ts';
import { formatShare, perRow, type Section } from './section.ts';

export const streams: Section = async ({ kinds, short }) => {
  const readings = await measureStreams(kinds, short ? shortRounds : longRounds);
  const { cpu, primaryCpu, perSecond, perRead, lost, upstreamShare } = readings;
  const busiest = Math.max(...kinds.map(({ name }) => upstreamShare.median(name)));
  return {
    figures: {
      chunkCpu: perRow(kinds, (row) => cpu.median(row)),
      chunkPrimaryCpu: perRow(kinds, (row) => primaryCpu.median(row)),
      chunkRatio: perRow(kinds, (row) => cpu.ratio(row, bare.name)),
    },
    notes: [
      `streams: the upstream, of our own, used at most ${formatShare(busiest)} of a core`,
      ...kinds.map(({ name }) => {
        const rate = perSecond.median(name).toFixed(0);
        return `streams: ${name}: ${rate} chunks/s, ${perRead.median(name).toFixed(2)} per read of the client`;
      }),
      ...kinds.flatMap(({ name }) => {
        const most = Math.max(...lost.of(name));
        return most === 0 ? [] : [`streams: ${most} streams of "${name}" were lost: its figures are void`];
      }),
    ],
  };
};
