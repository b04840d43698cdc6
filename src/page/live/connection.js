/**
 * The live events of the gateway, for as long as the page is open: connects, notices silence, and connects again with
 * back-off. How that stands, and how old the last status is, is told at each change and four times a second.
 *
 *   connecting ── answered ──► live ── ended ──► waiting 1, 2, 4 … 15 s, or until told ──► connecting
 *       └── refused, or no answer ─────────────────▲
 *
 * Connecting and live end where nothing is heard for 10 s. What is shown is stale 4 s after the last status, or 1.5 s after
 * it where there is no connection.
 */
import { ask, granted } from './admin-port.js';
import { readEvents } from './event-stream.js';

/** @import { LiveEvent } from '../../primary/admin/live-events.ts' */
/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Failure } from '../../primary/failures/failure.ts' */

/** The status comes each second. */
const STALE_MS = 4_000;
const CUT_OFF_STALE_MS = 1_500;
const SILENT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 15_000;
const LOOK_EVERY_MS = 250;

/**
 * @typedef {object} LinkState
 * @property {'connecting' | 'live' | 'waiting'} state
 * @property {number | null} ageMs of the last status; null before the first one
 * @property {boolean} isStale
 * @property {boolean} isLost
 * @property {string} problem why there is no connection; empty while there is one
 * @property {number} retryInMs
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
    void this.#listen();
  }

  /** Does not wait any longer. */
  retryNow() {
    if (this.#state === 'waiting') void this.#listen();
  }

  /** Asks for the status at once. */
  async refresh() {
    this.#takeStatus(await ask('/api/status'));
  }

  async #listen() {
    this.#leaving = new AbortController();
    this.#state = 'connecting';
    this.#heardAtMs = performance.now();
    this.#tell();
    try {
      const { body } = await granted('/api/events', { signal: this.#leaving.signal });
      this.#state = 'live';
      this.#problem = '';
      this.#waitMs = FIRST_WAIT_MS;
      this.#hand(() => this.#listener.connected());
      await this.refresh();
      this.#tell();
      if (body !== null) await readEvents(body, ({ data }) => this.#take(JSON.parse(data)));
      throw new Error('the gateway closed the connection');
    } catch (error) {
      this.#problem = this.#leaving.signal.aborted ? 'the gateway fell silent' : wordsOf(error);
      this.#leaving.abort();
      this.#state = 'waiting';
      this.#retryAtMs = performance.now() + this.#waitMs;
      this.#waitMs = Math.min(MOST_WAIT_MS, this.#waitMs * 2);
      this.#tell();
    }
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
    if (nowMs >= this.#retryAtMs) this.retryNow();
    this.#tell();
  }

  #tell() {
    const nowMs = performance.now();
    const isLive = this.#state === 'live';
    const ageMs = this.#statusAtMs === null ? null : nowMs - this.#statusAtMs;
    this.#listener.link({
      state: this.#state,
      ageMs,
      isStale: ageMs === null ? this.#state === 'waiting' : ageMs > (isLive ? STALE_MS : CUT_OFF_STALE_MS),
      isLost: !isLive && this.#problem !== '',
      problem: this.#problem,
      retryInMs: Math.max(0, this.#retryAtMs - nowMs),
    });
  }
}

/** What a broken stream throws is for programmers. @param {unknown} error */
function wordsOf(error) {
  if (error instanceof TypeError || !(error instanceof Error)) return 'the connection to the gateway broke off';
  return error.message;
}
