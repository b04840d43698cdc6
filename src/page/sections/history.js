/** The charts of the last hour: of the gateway, a model or a provider, with one cursor for all, by mouse or by a slider. */
import { chart } from '../charts/chart.js';
import { kinds } from '../charts/kinds.js';
import { loadUplot } from '../charts/load-uplot.js';
import { byId, element, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { ask } from '../words/failed-fetch.js';
import { clockTime, offset } from '../words/times.js';

const PERIOD_MS = 10_000;

export function historySection() {
  const select = /** @type {HTMLSelectElement} */ (byId('history-of'));
  const slider = /** @type {HTMLInputElement} */ (byId('time'));
  const [offerModels, offerProviders] = [group(select, 'Models', 'model'), group(select, 'Providers', 'provider')];
  /** @type {ReturnType<typeof chart>[]} */
  let charts = [];
  /** @type {number[]} */
  let times = [];
  /** @type {readonly boolean[]} */
  let approximate = [];
  let asked = 0;

  async function load() {
    asked += 1;
    const mine = asked;
    const path = `/api/history${select.value === '' ? '' : `?${select.value}`}`;
    try {
      const answer = await ask(path);
      await prepare();
      if (mine !== asked) return;
      draw(answer);
      say('');
    } catch (error) {
      if (mine === asked) say(`The last hour could not be had: ${/** @type {Error} */ (error).message}.`);
    }
  }

  async function prepare() {
    const uPlot = await loadUplot();
    if (charts.length > 0) return;
    charts = kinds.map((kind, index) => chart(uPlot, kind, index === 0 ? pointed : () => {}));
    byId('charts').append(...charts.map(({ figure }) => figure));
    show(byId('time-line'), true);
  }

  /** @param {any} answer */
  function draw(answer) {
    const { requests } = answer.series;
    approximate = answer.approximate ?? [];
    show(byId('approximate'), approximate.includes(true));
    const end = Date.parse(answer.until) / 1000;
    times = requests.map(
      (/** @type {unknown} */ _, /** @type {number} */ index) => end - (requests.length - index) * answer.stepSeconds,
    );
    slider.max = String(Math.max(0, times.length - 1));
    for (const each of charts) each.draw(answer, times);
    if (document.activeElement !== slider) pointed(null);
  }

  /** @param {string} problem */
  function say(problem) {
    setText(byId('history-note'), problem);
    setAttribute(byId('history-note'), 'data-tone', problem === '' ? 'none' : 'bad');
  }

  /** Shows the time of the cursor. @param {number | null} index null: there is none */
  function pointed(index) {
    const at = index ?? times.length - 1;
    if (document.activeElement !== slider || index !== null) slider.value = String(at);
    const time = times[at] === undefined ? 'no time yet' : `${clockTime(times[at] * 1000)} ${offset()}`;
    const words = approximate[at] === true ? `${time}, approximate` : time;
    setText(byId('time-text'), index === null ? `latest, ${words}` : words);
    const readings = [...byId('charts').querySelectorAll('.reading')].map((node) => node.textContent);
    setAttribute(slider, 'aria-valuetext', `${words}; ${readings.join(', ')}`);
  }

  select.addEventListener('change', () => void load());
  slider.addEventListener('input', () => {
    for (const each of charts) each.point(Number(slider.value));
    pointed(Number(slider.value));
  });
  slider.addEventListener('blur', () => {
    for (const each of charts) each.point(null);
    pointed(null);
  });
  setInterval(() => void load(), PERIOD_MS);
  return {
    load,
    /** @param {any} status */
    draw: (status) => {
      offerModels(status.models.map((/** @type {any} */ { name }) => name));
      offerProviders(status.circuits.map((/** @type {any} */ { provider }) => provider));
    },
  };
}

/** @param {HTMLSelectElement} select @param {string} label @param {string} kind of the query */
function group(select, label, kind) {
  const options = element('optgroup', { label });
  select.append(options);
  return keyedRows(
    options,
    (/** @type {string} */ name) => name,
    (name) => ({
      row: element('option', { value: new URLSearchParams({ [kind]: name }).toString() }, name),
      update: () => {},
    }),
  );
}
