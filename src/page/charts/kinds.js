/** What the charts of the last hour show: their lines, and how a value is read. Values are of a second or an hour, not of a step. */
import { owners } from '../dom/marks.js';
import { dollars, milliseconds, short } from '../words/numbers.js';

/** @import { HistoryAnswer } from '../../primary/history/history-answer.ts' */

/** @typedef {HistoryAnswer['series']} Series */
/** @typedef {Series['requests']} Numbers */
/**
 * @typedef {object} ChartKind
 * @property {string} title
 * @property {boolean} [isStacked] each line stands on those before it
 * @property {readonly { name: string, colour: string, values: (series: Series, stepSeconds: number) => Numbers }[]} lines
 * @property {(value: number) => string} words
 */

/** @param {Numbers} values @param {number} factor @returns {Numbers} */
const scaled = (values, factor) => values.map((value) => (value === null ? null : value * factor));

/** All charts, in their order. @type {readonly ChartKind[]} */
export const kinds = [
  {
    title: 'Requests per second',
    lines: [{ name: 'requests', colour: 'main', values: ({ requests }, seconds) => scaled(requests, 1 / seconds) }],
    words: short,
  },
  {
    title: 'Errors per second, by owner',
    isStacked: true,
    lines: owners.map((owner) => ({
      name: owner,
      colour: owner,
      values: ({ errors }, seconds) => scaled(errors[owner], 1 / seconds),
    })),
    words: short,
  },
  {
    title: 'Latency',
    lines: [
      { name: 'p99', colour: 'second', values: ({ p99Ms }) => p99Ms },
      { name: 'p50', colour: 'main', values: ({ p50Ms }) => p50Ms },
    ],
    words: (value) => milliseconds(value) ?? '',
  },
  {
    title: 'Time to first content',
    lines: [{ name: 'median', colour: 'main', values: ({ firstContentMs }) => firstContentMs }],
    words: (value) => milliseconds(value) ?? '',
  },
  {
    title: 'Tokens per second',
    lines: [
      { name: 'input', colour: 'second', values: ({ inputTokens }, seconds) => scaled(inputTokens, 1 / seconds) },
      { name: 'output', colour: 'main', values: ({ outputTokens }, seconds) => scaled(outputTokens, 1 / seconds) },
    ],
    words: short,
  },
  {
    title: 'Dollars per hour',
    lines: [{ name: 'dollars', colour: 'main', values: ({ usd }, seconds) => scaled(usd, 3_600 / seconds) }],
    words: (value) => dollars(value) ?? '',
  },
];
