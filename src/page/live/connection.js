/**
 * The live events of the gateway, for as long as the page is seen: connects, notices silence, and connects again with
 * back-off. How that stands, and how old the last status is, is told at each change and four times a second.
 *
 *   connecting ── answered ──► live ── ended ──► waiting 1, 2, 4, 5 s, or until told ──► connecting
 *       └── refused, or no answer ─────────────────▲
 *   any of them ── hidden ──► asking for the status, every 15 s ── shown ──► connecting
 *
 * A browser has six connections to a host for all its tabs, so a page that nobody sees must not hold one: it asks now and
 * then, for its title and its icon.
 *
 * Connecting and live end where nothing is heard for 10 s. What is shown is stale 4 s after the last status, or 1.5 s after
 * it where there is no connection; a hidden page is stale once it has asked in vain.
 */
import { granted } from './admin-port.js';
import { readEvents } from './event-stream.js';

/** @import { LiveEvent } from '../../primary/admin/live-events.ts' */
/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Failure } from '../../primary/failures/failure.ts' */

/** The status comes each second. */
const STALE_MS = 4_000;
const CUT_OFF_STALE_MS = 1_500;
const SILENT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 5_000;
const HIDDEN_EVERY_MS = 15_000;
const LOOK_EVERY_MS = 250;

/**
 * @typedef {object} LinkState
 * @property {'connecting' | 'live' | 'waiting' | 'hidden'} state
 * @property {number | null} ageMs of the last status; null before the first one
 * @property {boolean} isStale
 * @property {boolean} isLost
 * @property {string} problem why there is no connection; empty while there is one
 * @property {number} retryInMs of a page that is hidden, until it asks again
 */

/**
 * @typedef {object} Listener
 * @property {() => void} connected
 * @property {(status: Status) => void} status also where it was asked for
 * @property {(failure: Failure) => void} failure
 * @property {(link: LinkState) => void} link
 */

/** One per page. */
export class Connection {
  /** @type {Listener} */
  #listener;
  /** @type {LinkState['state']} */
  #state = 'connecting';
  #problem = '';
  #waitMs = FIRST_WAIT_MS;
  #retryAtMs = 0;
  #heardAtMs = 0;
  #shownAtMs = 0;
  /** @type {number | null} */
  #statusAtMs = null;
  #leaving = new AbortController();

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Connects, from now on for ever. */
  open() {
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    document.addEventListener('visibilitychange', () => this.#turn());
    this.#turn();
    if (this.#state !== 'hidden') void this.#listen();
  }

  /** Does not wait any longer. */
  retryNow() {
    if (this.#state === 'waiting') void this.#listen();
  }

  /** Asks for the status at once. */
  async refresh() {
    await this.#ask();
  }

  /** @param {AbortSignal} [signal] */
  async #ask(signal) {
    const answer = await granted('/api/status', signal === undefined ? {} : { signal });
    this.#takeStatus(await answer.json());
  }

  /** The page was hidden or shown. */
  #turn() {
    const isHidden = document.visibilityState === 'hidden';
    if (isHidden === (this.#state === 'hidden')) return;
    this.#leaving.abort();
    this.#waitMs = FIRST_WAIT_MS;
    if (isHidden) {
      this.#state = 'hidden';
      this.#retryAtMs = this.#statusAtMs === null ? 0 : performance.now() + HIDDEN_EVERY_MS;
    } else {
      this.#shownAtMs = performance.now();
      void this.#listen();
    }
  }

  async #listen() {
    const leaving = new AbortController();
    this.#leaving = leaving;
    this.#state = 'connecting';
    this.#heardAtMs = performance.now();
    this.#tell();
    try {
      const { body } = await granted('/api/events', { signal: leaving.signal });
      this.#state = 'live';
      this.#problem = '';
      this.#waitMs = FIRST_WAIT_MS;
      this.#hand(() => this.#listener.connected());
      this.#tell();
      if (body !== null) await readEvents(body, ({ data }) => this.#take(JSON.parse(data)));
      throw new Error('the gateway closed the connection');
    } catch (error) {
      if (this.#isLeft(leaving)) return;
      this.#fail(leaving.signal.aborted ? this.#silence() : wordsOf(error));
      leaving.abort();
      this.#state = 'waiting';
      this.#tell();
    }
  }

  /** Asks once while nobody sees the page. */
  async #askHidden() {
    const leaving = new AbortController();
    this.#leaving = leaving;
    this.#heardAtMs = performance.now();
    this.#retryAtMs = Number.POSITIVE_INFINITY;
    try {
      await this.#ask(leaving.signal);
      if (this.#leaving !== leaving) return;
      this.#problem = '';
      this.#waitMs = FIRST_WAIT_MS;
      this.#retryAtMs = performance.now() + HIDDEN_EVERY_MS;
    } catch (error) {
      if (this.#leaving !== leaving) return;
      this.#fail(leaving.signal.aborted ? this.#silence() : wordsOf(error));
    }
    this.#tell();
  }

  /** Whether the page was hidden or shown meanwhile. @param {AbortController} leaving of what has ended */
  #isLeft(leaving) {
    return this.#leaving !== leaving || this.#state === 'hidden';
  }

  /** @param {string} problem */
  #fail(problem) {
    this.#problem = problem;
    this.#retryAtMs = performance.now() + this.#waitMs;
    this.#waitMs = Math.min(MOST_WAIT_MS, this.#waitMs * 2);
  }

  /** Why nothing was heard. */
  #silence() {
    if (this.#state === 'live') return 'the gateway fell silent';
    return 'the gateway gave no answer, or six other windows of this browser show it already';
  }

  /** @param {LiveEvent} event */
  #take(event) {
    this.#heardAtMs = performance.now();
    if (event.type === 'failure') this.#hand(() => this.#listener.failure(event));
    if (event.type !== 'status') return;
    this.#takeStatus(event.status);
    this.#tell();
  }

  /** @param {Status} status */
  #takeStatus(status) {
    this.#statusAtMs = performance.now();
    this.#hand(() => this.#listener.status(status));
  }

  /** A fault of the page's own is no fault of the connection. @param {() => void} tell */
  #hand(tell) {
    try {
      tell();
    } catch (error) {
      reportError(error);
    }
  }

  #look() {
    const nowMs = performance.now();
    if (this.#state !== 'waiting' && nowMs - this.#heardAtMs > SILENT_MS) this.#leaving.abort();
    if (nowMs >= this.#retryAtMs) {
      this.retryNow();
      if (this.#state === 'hidden') void this.#askHidden();
    }
    this.#tell();
  }

  #tell() {
    const nowMs = performance.now();
    this.#listener.link({
      state: this.#state,
      ageMs: this.#statusAtMs === null ? null : nowMs - this.#statusAtMs,
      isStale: this.#isStale(nowMs),
      isLost: this.#state !== 'live' && this.#problem !== '',
      problem: this.#problem,
      retryInMs: Math.max(0, this.#retryAtMs - nowMs),
    });
  }

  /** What has just come into sight has had no time yet to be renewed. @param {number} nowMs */
  #isStale(nowMs) {
    if (this.#state === 'hidden') return this.#problem !== '';
    if (this.#statusAtMs === null) return this.#state === 'waiting';
    const quietMs = nowMs - (this.#problem === '' ? Math.max(this.#statusAtMs, this.#shownAtMs) : this.#statusAtMs);
    return quietMs > (this.#state === 'live' ? STALE_MS : CUT_OFF_STALE_MS);
  }
}

/** What a broken stream throws is for programmers. @param {unknown} error */
function wordsOf(error) {
  if (error instanceof TypeError || !(error instanceof Error)) return 'the connection to the gateway broke off';
  return error.message;
}
