/** The connection in words, and how old what is shown is. Data that has stopped coming is greyed, never taken away. */
import { byId, setAttribute, setText, show } from '../dom/elements.js';
import { duration } from '../words/times.js';

/** @import { LinkState } from '../live/connection.js' */

/** Stands at the top of the page. @param {() => void} retryNow */
export function linkSection(retryNow) {
  byId('retry').addEventListener('click', retryNow);
  return {
    /** @param {LinkState} link */
    drawLink: (link) => {
      const { state, isStale, isLost } = link;
      setAttribute(byId('page'), 'data-stale', isStale);
      setAttribute(byId('link'), 'data-tone', isLost ? 'bad' : state !== 'live' || isStale ? 'warn' : 'good');
      setText(byId('link-text'), words(link));
      show(byId('stale'), isStale || isLost);
      show(byId('retry'), state === 'waiting');
      if (isStale || isLost) setText(byId('stale-text'), staleWords(link));
    },
  };
}

/** @param {LinkState} link */
function words({ state, isStale, problem }) {
  if (state === 'live') return isStale ? 'silent' : 'live';
  if (problem !== '') return 'no connection';
  return state === 'hidden' ? 'asked now and then' : 'connecting';
}

/** @param {LinkState} link */
function staleWords({ state, ageMs, problem, retryInMs }) {
  const age = ageMs === null ? 'Nothing has come yet' : `What you see is ${duration(ageMs / 1000)} old`;
  if (state === 'live') return `${age}: the gateway is connected, but silent.`;
  const next = state === 'connecting' ? 'trying again now' : `trying again in ${duration(Math.ceil(retryInMs / 1000))}`;
  return problem === '' ? `${age}.` : `${age}: ${problem}; ${next}.`;
}
