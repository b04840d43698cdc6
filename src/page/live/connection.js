/**
 * The live events of the gateway, for as long as the page is open: connects, notices silence, and connects again with
 * back-off. What its state is, and how old the last status, is told at each change and each second.
 *
 *   connecting ─► live ─► (silent for 4 s: stale) ─► broken ─► waits 1, 2, 4 … 15 s ─► connecting
 */
import { ask, reach, refusal } from '../words/failed-fetch.js';
import { readEvents } from './event-stream.js';

const PATH = '/api/events';
/** The status comes each second. */
const STALE_MS = 4_000;
const SILENT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 15_000;

/**
 * @typedef {object} LinkState
 * @property {'connecting' | 'live' | 'waiting'} state
 * @property {number | null} ageMs of the last status; null before the first one
 * @property {boolean} isStale
 * @property {string} problem why there is no connection; empty while there is one
 * @property {number} retryInMs
 */

/**
 * @param {(name: string, data: any) => void} onEvent gets every event, and the status also where it was asked for
 * @param {(state: LinkState) => void} onState
 * @returns {{ retryNow: () => void, refresh: () => Promise<void> }}
 */
export function connect(onEvent, onState) {
  let state = /** @type {LinkState['state']} */ ('connecting');
  let problem = '';
  let waitMs = FIRST_WAIT_MS;
  let retryAtMs = 0;
  let heardAtMs = performance.now();
  /** @type {number | null} */
  let statusAtMs = null;
  let leaving = new AbortController();

  const tell = () => {
    const nowMs = performance.now();
    const ageMs = statusAtMs === null ? null : nowMs - statusAtMs;
    const isStale = ageMs === null ? state === 'waiting' : ageMs > STALE_MS || (state !== 'live' && ageMs > 1_500);
    onState({ state, ageMs, isStale, problem, retryInMs: Math.max(0, retryAtMs - nowMs) });
  };
  /** @param {string} name @param {unknown} data */
  const pass = (name, data) => {
    if (name === 'status') statusAtMs = performance.now();
    try {
      onEvent(name, data);
    } catch (error) {
      // A fault of the page's own is no fault of the connection.
      reportError(error);
    }
  };
  const refresh = async () => pass('status', await ask('/api/status'));

  const listen = async () => {
    leaving = new AbortController();
    state = 'connecting';
    heardAtMs = performance.now();
    tell();
    try {
      const answer = await reach(PATH, { signal: leaving.signal });
      if (!answer.ok || answer.body === null) throw await refusal(answer, PATH);
      state = 'live';
      problem = '';
      waitMs = FIRST_WAIT_MS;
      pass('connected', null);
      await refresh();
      tell();
      await readEvents(answer.body, ({ name, data }) => {
        heardAtMs = performance.now();
        pass(name, name === 'status' ? JSON.parse(data).status : JSON.parse(data));
        if (name === 'status') tell();
      });
      throw new Error('the gateway closed the connection');
    } catch (error) {
      problem = leaving.signal.aborted ? 'the gateway fell silent' : wordsOf(error);
      leaving.abort();
      state = 'waiting';
      retryAtMs = performance.now() + waitMs;
      waitMs = Math.min(MOST_WAIT_MS, waitMs * 2);
      tell();
    }
  };

  setInterval(() => {
    const nowMs = performance.now();
    if (state === 'waiting' && nowMs >= retryAtMs) void listen();
    else if (state !== 'waiting' && nowMs - heardAtMs > SILENT_MS) leaving.abort();
    tell();
  }, 250);
  void listen();
  return {
    retryNow: () => {
      if (state === 'waiting') void listen();
    },
    refresh,
  };
}

/** What a broken stream throws is for programmers. @param {unknown} error */
function wordsOf(error) {
  if (error instanceof TypeError || !(error instanceof Error)) return 'the connection to the gateway broke off';
  return error.message;
}
