/** The connection in words, and how old what is shown is. Data that has stopped coming is greyed, never taken away. */
import { byId, setAttribute, setText, show } from '../dom/elements.js';
import { duration } from '../words/times.js';

/** @param {() => void} retryNow @param {(isLost: boolean) => void} onLost */
export function linkState(retryNow, onLost) {
  byId('retry').addEventListener('click', retryNow);
  /** @param {import('../live/connection.js').LinkState} link */
  return ({ state, ageMs, isStale, problem, retryInMs }) => {
    const isLost = state !== 'live' && problem !== '';
    setAttribute(byId('page'), 'data-stale', isStale);
    setAttribute(byId('link'), 'data-tone', isLost ? 'bad' : state !== 'live' || isStale ? 'warn' : 'good');
    setText(byId('link-text'), words());
    show(byId('stale'), isStale || isLost);
    show(byId('retry'), state === 'waiting');
    if (isStale || isLost) setText(byId('stale-text'), staleWords());
    onLost(isLost && isStale);

    function words() {
      if (state === 'live') return isStale ? 'silent' : 'live';
      return problem === '' ? 'connecting' : 'no connection';
    }
    function staleWords() {
      const age = ageMs === null ? 'Nothing has come yet' : `What you see is ${duration(ageMs / 1000)} old`;
      if (state === 'live') return `${age}: the gateway is connected, but silent.`;
      const next =
        state === 'connecting' ? 'trying again now' : `trying again in ${duration(Math.ceil(retryInMs / 1000))}`;
      return problem === '' ? `${age}.` : `${age}: ${problem}; ${next}.`;
    }
  };
}
