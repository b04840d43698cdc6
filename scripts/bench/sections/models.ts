/** The cost of a request with many configured models, and with many requested ones. */
import { longRounds, measurePlain, shortRounds } from '../measuring/measure-plain.ts';
import { headgate } from '../proxies/proxies.ts';
import { requestBody } from '../upstream/payloads.ts';
import type { Section } from './section.ts';

const MANY = 1000;

export const models: Section = async ({ short }) => {
  const names = Array.from({ length: MANY }, (_, index) => `model-${index}`);
  const [last = ''] = names.slice(-1);
  const one = headgate('one', { workers: 1, models: [last] });
  const many = headgate('many', { workers: 1, models: names });
  const rounds = short ? shortRounds : longRounds;
  const sameAsked = await measurePlain([one, many], rounds, [requestBody(last)]);
  const all = headgate('all', { workers: 1, models: names });
  const allAsked = await measurePlain([all], rounds, names.map(requestBody));
  const alone = sameAsked.cpu.median(one.name);
  const report = (what: string, cpu: number, primary: number) =>
    `models: ${what}: ${cpu.toFixed(1)} µs per request, ${primary.toFixed(1)} in the primary`;
  const { primaryCpu } = sameAsked;
  return {
    figures: {},
    notes: [
      report('one model', alone, primaryCpu.median(one.name)),
      report(`${MANY} models, one asked for`, sameAsked.cpu.median(many.name), primaryCpu.median(many.name)),
      report(
        `${MANY} models, all asked for in turn`,
        allAsked.cpu.median(all.name),
        allAsked.primaryCpu.median(all.name),
      ),
      `models: ${MANY} against one costs ${sameAsked.cpu.ratio(many.name, one.name).toFixed(2)} ×`,
    ],
  };
};
