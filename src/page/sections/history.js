/** The charts of the last hour: of the gateway, a model or a provider, with one cursor for all, by mouse or by a slider. */
import { chart } from '../charts/chart.js';
import { kinds } from '../charts/kinds.js';
import { loadUplot } from '../charts/load-uplot.js';
import { optionRows } from '../dom/chooser.js';
import { byId, element, say, setAttribute, setText, show } from '../dom/elements.js';
import { ask } from '../live/admin-port.js';
import { clockTime, offset } from '../words/times.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { HistoryAnswer } from '../../primary/history/history-answer.ts' */

const PERIOD_MS = 10_000;

/** Asks for the hour at each step of it, and when another is chosen. */
export function historySection() {
  const select = /** @type {HTMLSelectElement} */ (byId('history-of'));
  const [offerModels, offerProviders] = [group(select, 'Models', 'model'), group(select, 'Providers', 'provider')];
  /** @type {readonly ReturnType<typeof chart>[]} */
  let charts = [];
  const time = timeLine((index) => {
    for (const each of charts) each.point(index);
  });
  let asked = 0;

  async function load() {
    asked += 1;
    const mine = asked;
    try {
      const answer = await ask('/api/history', select.value);
      await prepare();
      if (mine !== asked) return;
      const times = timesOf(answer);
      for (const each of charts) each.draw(answer, times);
      time.draw(times, answer.approximate);
      show(byId('approximate'), answer.approximate.includes(true));
      say('history-note', '', false);
    } catch (error) {
      if (mine !== asked) return;
      say('history-note', `The last hour could not be had: ${/** @type {Error} */ (error).message}.`, true);
    }
  }

  async function prepare() {
    const library = await loadUplot();
    if (charts.length > 0) return;
    charts = kinds.map((kind, index) => chart(library, kind, index === 0 ? time.point : () => {}));
    byId('charts').append(...charts.map(({ figure }) => figure));
  }

  select.addEventListener('change', () => void load());
  setInterval(() => {
    // A page that comes into sight loads it anew.
    if (document.visibilityState !== 'hidden') void load();
  }, PERIOD_MS);
  return {
    load,
    /** @param {Status} status */
    draw: ({ models, circuits }) => {
      offerModels(models.map(({ name }) => name));
      offerProviders(circuits.map(({ provider }) => provider));
    },
  };
}

/** The time of the cursor, in words and as a slider, by which a keyboard moves it. @param {(index: number | null) => void} onMove */
function timeLine(onMove) {
  const slider = /** @type {HTMLInputElement} */ (byId('time'));
  /** @type {readonly number[]} */
  let times = [];
  /** @type {readonly boolean[]} */
  let approximate = [];

  /** Shows the time of the cursor. @param {number | null} index null: there is none */
  function point(index) {
    const at = index ?? times.length - 1;
    if (document.activeElement !== slider || index !== null) slider.value = String(at);
    const time = times[at] === undefined ? 'no time yet' : `${clockTime(times[at] * 1000)} ${offset()}`;
    const words = approximate[at] === true ? `${time}, approximate` : time;
    setText(byId('time-text'), index === null ? `latest, ${words}` : words);
    const readings = [...byId('charts').querySelectorAll('.reading')].map((node) => node.textContent);
    setAttribute(slider, 'aria-valuetext', `${words}; ${readings.join(', ')}`);
  }

  /** @param {number | null} index */
  const move = (index) => {
    onMove(index);
    point(index);
  };
  slider.addEventListener('input', () => move(Number(slider.value)));
  slider.addEventListener('blur', () => move(null));
  return {
    point,
    /** @param {readonly number[]} at the beginnings of all steps, in s @param {readonly boolean[]} marked of each step */
    draw: (at, marked) => {
      times = at;
      approximate = marked;
      slider.max = String(Math.max(0, times.length - 1));
      show(byId('time-line'), true);
      if (document.activeElement !== slider) point(null);
    },
  };
}

/** When its steps began, in s. @param {HistoryAnswer} answer */
function timesOf({ series: { requests }, stepSeconds, until }) {
  const end = Date.parse(until) / 1000;
  return requests.map((_, index) => end - (requests.length - index) * stepSeconds);
}

/** @param {HTMLSelectElement} select @param {string} label @param {string} kind of the query */
function group(select, label, kind) {
  const options = element('optgroup', { label });
  select.append(options);
  return optionRows(options, (name) => `?${new URLSearchParams({ [kind]: name })}`);
}
