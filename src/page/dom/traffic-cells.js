/** The cells of the last minute's figures, which models, targets and providers have in common. */
import { dollars, milliseconds, short } from '../words/numbers.js';
import { setAttribute } from './elements.js';
import { errorShares } from './marks.js';
import { setFigure } from './table.js';

/** @import { Status } from '../../primary/admin/status.ts' */

/** Their columns. */
export const trafficColumns = [
  { name: 'Req/s', kind: 'number' },
  { name: 'Errors', kind: 'errors' },
  { name: 'p50', kind: 'number' },
  { name: 'p99', kind: 'number' },
  { name: 'First content', kind: 'number' },
  { name: 'Tokens/s', kind: 'number' },
  { name: '$/h', kind: 'number' },
];

/** Fills them. @param {readonly Element[]} cells one for each of these columns */
export function trafficCells(cells) {
  const [requests, errors, p50, p99, first, tokens, cost] = cells;
  const setShares = errorShares(errors);
  /** @param {Omit<Status['traffic']['models'][number], 'model'> | undefined} figures undefined: nothing in the last minute */
  return (figures) => {
    const has = figures !== undefined && figures.requestsPerSecond > 0;
    setFigure(requests, figures === undefined ? null : short(figures.requestsPerSecond));
    setShares(has ? figures.errorShare : null);
    setFigure(p50, milliseconds(figures?.p50Ms ?? null));
    setFigure(p99, milliseconds(figures?.p99Ms ?? null));
    setFigure(first, milliseconds(figures?.firstContentMs ?? null));
    setFigure(tokens, has ? short(figures.outputTokensPerSecond) : null);
    setFigure(cost, dollars(figures?.usdPerHour ?? null));
    const unpriced = figures?.unpriced ?? 0;
    setAttribute(cost, 'title', unpriced > 0 ? `${unpriced} answers of the last minute have no known price` : null);
  };
}
