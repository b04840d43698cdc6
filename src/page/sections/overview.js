/** Which gateway this is, and its sums of the last minute. */
import { byId, setText, show } from '../dom/elements.js';
import { errorShares, owners } from '../dom/marks.js';
import { setFigure } from '../dom/table.js';
import { dollars, short } from '../words/numbers.js';
import { duration, offset } from '../words/times.js';

export function overview() {
  const setShares = errorShares(byId('total-errors'));
  let firstVersion = '';
  /** @param {any} status */
  return (status) => {
    const { version, hostname, listeners, primary, workers, traffic, stopping, state } = status;
    firstVersion ||= version;
    setText(byId('hostname'), hostname ?? location.host);
    setText(byId('version'), version);
    setText(byId('data-port'), listeners === undefined ? 'unknown' : addressOf(listeners.gateway));
    setText(byId('uptime'), duration(primary.uptimeSeconds));
    setText(byId('offset'), `UTC${offset()}`);
    show(byId('other-version'), version !== firstVersion);
    show(byId('stopping'), stopping !== null);
    if (stopping !== null)
      setText(byId('stopping'), 'The gateway stops: it takes no new requests, and open ones finish.');
    show(byId('unwritable'), state?.writable === false);
    if (state?.writable === false)
      setText(byId('unwritable'), `The checkpoint cannot be written (${state.error}): a crash would lose counts.`);

    const totals = totalsOf(traffic?.models ?? []);
    setFigure(byId('total-requests'), traffic === undefined ? null : short(totals.requests));
    setShares(totals.requests > 0 ? totals.errorShare : null);
    setFigure(byId('total-tokens'), traffic === undefined ? null : short(totals.tokens));
    setFigure(byId('total-cost'), dollars(totals.usd));
    setFigure(
      byId('in-flight'),
      String(workers.reduce((/** @type {number} */ sum, /** @type {any} */ worker) => sum + worker.inFlight, 0)),
    );
    const ready = workers.filter((/** @type {any} */ worker) => worker.state === 'ready').length;
    setFigure(byId('ready'), `${ready} of ${workers.length}`);
  };
}

/** @param {{ host: string, port: number }} listener */
function addressOf({ host, port }) {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Of all models together. @param {readonly any[]} models */
function totalsOf(models) {
  const requests = models.reduce((sum, each) => sum + each.requestsPerSecond, 0);
  const errorShare = Object.fromEntries(
    owners.map((owner) => {
      const errors = models.reduce((sum, each) => sum + each.errorShare[owner] * each.requestsPerSecond, 0);
      return [owner, requests === 0 ? 0 : errors / requests];
    }),
  );
  const priced = models.filter((each) => each.usdPerHour !== null);
  return {
    requests,
    errorShare,
    tokens: models.reduce((sum, each) => sum + each.outputTokensPerSecond, 0),
    usd: priced.length === 0 ? null : priced.reduce((sum, each) => sum + each.usdPerHour, 0),
  };
}
