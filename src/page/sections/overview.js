/** Which gateway this is, and its sums of the last minute. */
import { byId, setText, show } from '../dom/elements.js';
import { errorShares, owners } from '../dom/marks.js';
import { setFigure } from '../dom/table.js';
import { addressOf } from '../words/address.js';
import { dollars, short } from '../words/numbers.js';
import { duration, offset } from '../words/times.js';

/** @import { Status } from '../../primary/admin/status.ts' */

/** The head of the page, and the figures below the verdict. */
export function overviewSection() {
  const setShares = errorShares(byId('total-errors'));
  return {
    /** @param {Status} status */
    draw: ({ version, hostname, listeners, primary, workers, traffic, stopping, state }) => {
      setText(byId('hostname'), hostname);
      setText(byId('version'), version);
      setText(byId('data-port'), addressOf(listeners.gateway));
      setText(byId('uptime'), duration(primary.uptimeSeconds));
      setText(byId('offset'), `UTC${offset()}`);
      show(byId('stopping'), stopping !== null);
      show(byId('unwritable'), !state.writable);
      if (!state.writable)
        setText(byId('unwritable'), `The checkpoint cannot be written (${state.error}): a crash would lose counts.`);

      const totals = totalsOf(traffic.models);
      setFigure(byId('total-requests'), short(totals.requests));
      setShares(totals.errorShare);
      setFigure(byId('total-tokens'), short(totals.tokens));
      setFigure(byId('total-cost'), dollars(totals.usd));
      setFigure(byId('in-flight'), String(sumOf(workers, ({ inFlight }) => inFlight)));
      const ready = workers.filter((worker) => worker.state === 'ready').length;
      setFigure(byId('ready'), `${ready} of ${workers.length}`);
    },
  };
}

/** @template T @param {readonly T[]} items @param {(item: T) => number} amount */
function sumOf(items, amount) {
  return items.reduce((sum, item) => sum + amount(item), 0);
}

/** Of all models together. @param {Status['traffic']['models']} models */
function totalsOf(models) {
  const requests = sumOf(models, (each) => each.requestsPerSecond);
  /** @param {typeof owners[number]} owner */
  const share = (owner) => sumOf(models, (each) => each.errorShare[owner] * each.requestsPerSecond) / requests;
  const priced = models.filter(({ usdPerHour }) => usdPerHour !== null);
  return {
    requests,
    /** Null: there were no requests. */
    errorShare:
      requests === 0
        ? null
        : { provider: share('provider'), gateway: share('gateway'), policy: share('policy'), client: share('client') },
    tokens: sumOf(models, (each) => each.outputTokensPerSecond),
    usd: priced.length === 0 ? null : sumOf(priced, ({ usdPerHour }) => usdPerHour ?? 0),
  };
}
