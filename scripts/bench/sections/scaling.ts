/**
 * The gain of a second worker. Without a core for it, beside those of load and upstream, requests per second say
 * little; the ratio of CPU per request with two workers and with one predicts the gain on a machine that has enough
 * cores.
 */
import { availableParallelism } from 'node:os';
import { longRounds, measurePlain, shortRounds } from '../measuring/measure-plain.ts';
import { headgate } from '../proxies/proxies.ts';
import type { Section } from './section.ts';

/** Two workers, a primary with the upstream, and the load. */
const CORES_NEEDED = 4;

export const scaling: Section = async ({ short }) => {
  const [one, two] = [headgate('1 worker', { workers: 1 }), headgate('2 workers', { workers: 2 })];
  const { cpu, primaryCpu, perSecond } = await measurePlain([one, two], short ? shortRounds : longRounds);
  const cores = availableParallelism();
  const gain = perSecond.ratio(two.name, one.name).toFixed(2);
  const costs = cpu.ratio(two.name, one.name);
  return {
    figures: {},
    notes: [
      `scaling: 1 → 2 workers gives ${gain} × the requests/s` +
        (cores < CORES_NEEDED ? `, which ${cores} cores do not allow to judge: load and upstream run on them too` : ''),
      `scaling: a request costs a worker ${costs.toFixed(2)} × as much CPU when there are two, so with cores for all, ` +
        `${(2 / costs).toFixed(2)} × the requests/s`,
      `scaling: the primary takes ${primaryCpu.median(one.name).toFixed(1)} µs per request of one worker, ` +
        `${primaryCpu.median(two.name).toFixed(1)} µs of two`,
    ],
  };
};
