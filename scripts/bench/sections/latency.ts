/**
 * The time that a proxy adds to an answer and to a stream's first chunk, at a rate at which all processes are idle most
 * of the time. It is the difference between the percentiles with and without the proxy, within each round.
 */
import { percentile } from '../../load/percentile.ts';
import type { PacedTimes } from '../../load/protocol.ts';
import { Readings } from '../measuring/readings.ts';
import { inTurn, sideBySide, target } from '../measuring/under-load.ts';
import { direct } from '../proxies/proxies.ts';
import { requestBody, streamRequestBody } from '../upstream/payloads.ts';
import { startPlainUpstream, startStreamUpstream, type Upstream } from '../upstream/upstream.ts';
import { type ColumnKey, perRow, type Section, type Setup } from './section.ts';

const PER_SECOND = 200;
const WARM_UP_SECONDS = 3;
const WARM_UP_CONNECTIONS = 100;
const SHORT_STREAMS = { everyMs: 5, chunks: 5 };

interface Question {
  readonly what: string;
  readonly startUpstream: () => Promise<Upstream>;
  readonly body: string;
  readonly times: (paced: PacedTimes) => readonly number[];
  readonly columns: readonly [p50: ColumnKey, p99: ColumnKey];
}

const questions: readonly Question[] = [
  {
    what: 'answer',
    startUpstream: startPlainUpstream,
    body: requestBody(),
    times: ({ toEnd }) => toEnd,
    columns: ['addedP50', 'addedP99'],
  },
  {
    what: 'first chunk',
    startUpstream: () => startStreamUpstream(SHORT_STREAMS),
    body: streamRequestBody(),
    times: ({ toFirstEvent }) => toFirstEvent,
    columns: ['addedFirstP50', 'addedFirstP99'],
  },
];

export const latency: Section = async (setup) => {
  const results = [];
  for (const question of questions) results.push(await ask(setup, question));
  return {
    figures: Object.assign({}, ...results.map(({ figures }) => figures)),
    notes: results.flatMap(({ notes }) => notes),
  };
};

function ask({ kinds, short }: Setup, { what, startUpstream, body, times, columns }: Question) {
  const [rounds, seconds] = short ? [1, 1] : [5, 4];
  return sideBySide([direct, ...kinds], startUpstream, async (contenders, load) => {
    const percentiles = [new Readings(), new Readings()] as const;
    const failures: string[] = [];
    const pace = (contender: (typeof contenders)[number], forSeconds: number) =>
      load.pace({ target: target(contender.proxy, body), perSecond: PER_SECOND, seconds: forSeconds });
    await inTurn(1, contenders, async (contender) => {
      const spec = { target: target(contender.proxy, body), connections: WARM_UP_CONNECTIONS };
      await load.saturate({ ...spec, seconds: short ? 1 : WARM_UP_SECONDS });
    });
    await inTurn(rounds, contenders, async (contender) => {
      const paced = await pace(contender, seconds);
      percentiles[0].add(contender.kind.name, percentile(times(paced), 0.5));
      percentiles[1].add(contender.kind.name, percentile(times(paced), 0.99));
      if (paced.failed > 0) failures.push(`latency: ${paced.failed} requests of "${contender.kind.name}" failed`);
    });
    const [p50, p99] = percentiles;
    const base = `${p50.median(direct.name).toFixed(2)} ms, p99 ${p99.median(direct.name).toFixed(2)} ms`;
    return {
      figures: {
        [columns[0]]: perRow(kinds, (row) => p50.difference(row, direct.name)),
        [columns[1]]: perRow(kinds, (row) => p99.difference(row, direct.name)),
      },
      notes: [`latency: ${what} at ${PER_SECOND}/s without a proxy: p50 ${base}`, ...failures],
    };
  });
}
