/** The configuration in force, each value with the place that it comes from, and how the last reload went. */
import { byId, element, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { tableBody, tableRow } from '../dom/table.js';
import { ask } from '../live/admin-port.js';
import { counted } from '../words/numbers.js';
import { localTime, timeLeft } from '../words/times.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Answers } from '../live/admin-port.js' */
/** @import { Commands } from '../live/commands.js' */
/** @typedef {Answers['/api/config']['values']} Settings */
/** @typedef {Status['certificates'][number]} Certificate */

const RETRY_MS = 10_000;

const columns = [
  { name: 'Setting', kind: 'path' },
  { name: 'Value', kind: 'value' },
  { name: 'From', kind: 'from' },
];

/**
 * Asks for the values where the status says that they may have changed.
 *
 * @param {Commands} commands
 * @param {(values: Settings) => void} onValues gets the values once they are known
 */
export function configSection(commands, onValues) {
  const drawValues = valueTable();
  const drawReload = reloadResult();
  const drawCertificates = keyedRows(byId('certificates'), ({ port }) => port, certificateItem);
  byId('reload').addEventListener('click', () => void commands.reload());
  let isKnown = false;
  let loadedFor = '';

  async function load() {
    try {
      const { version, source, loadedAt, values } = await ask('/api/config');
      isKnown = true;
      setText(byId('config-summary'), `Version ${version} from ${source}, loaded ${localTime(loadedAt)}`);
      drawValues(values);
      onValues(values);
      show(byId('config-note'), false);
    } catch (error) {
      show(byId('config-note'), true);
      setText(byId('config-note'), `Its values could not be had: ${/** @type {Error} */ (error).message}.`);
      setTimeout(() => {
        loadedFor = '';
      }, RETRY_MS);
    }
    show(byId('config-values'), isKnown);
  }

  return {
    /** @param {Status} status */
    draw: ({ config, certificates }) => {
      const { version, loadedAt, lastReload } = config;
      drawCertificates(certificates);
      drawReload(config);
      if (!isKnown) setText(byId('config-summary'), `Version ${version}, loaded ${localTime(loadedAt)}`);
      const now = `${version} ${loadedAt} ${lastReload?.at ?? ''}`;
      if (now === loadedFor) return;
      loadedFor = now;
      void load();
    },
  };
}

/** The table of those values that are looked for. @returns {(values: Settings) => void} */
function valueTable() {
  const body = tableBody('config', 'Configuration in force', columns);
  const drawRows = keyedRows(body, ({ path }) => path, valueRow);
  const find = /** @type {HTMLInputElement} */ (byId('config-find'));
  const defaults = /** @type {HTMLInputElement} */ (byId('config-defaults'));
  /** @type {Settings} */
  let all = [];
  const draw = () => {
    const words = find.value.trim().toLowerCase();
    const found = all.filter(
      ({ path, value, from }) =>
        (defaults.checked || from !== 'default') && `${path} ${value} ${from}`.toLowerCase().includes(words),
    );
    drawRows(found);
    setText(byId('config-count'), `${found.length} of ${counted(all.length, 'value')}`);
  };
  for (const input of [find, defaults]) input.addEventListener('input', draw);
  return (values) => {
    all = values;
    draw();
  };
}

/** How the last reload went. @returns {(config: Status['config']) => void} */
function reloadResult() {
  const drawProblems = keyedRows(byId('reload-problems'), (/** @type {string} */ line) => line, codeItem);
  const drawChanges = keyedRows(byId('reload-changes'), (/** @type {string} */ line) => line, codeItem);
  return ({ lastReload: last }) => {
    show(byId('reload-refused'), last?.successful === false);
    show(byId('last-reload'), last?.successful === true);
    if (last === null) return;
    const { at, by, changes } = last;
    setText(byId('reload-refused-title'), `The last reload was refused at ${localTime(at)}, asked for by ${by}`);
    drawProblems(last.problems);
    drawChanges(changes);
    setText(
      byId('last-reload'),
      `Last reload at ${localTime(at)} by ${by}${changes.length === 0 ? ': nothing had changed' : ':'}`,
    );
  };
}

/** @param {string} line */
function codeItem(line) {
  return { row: element('li', {}, element('code', {}, line)), update: () => {} };
}

/** @param {Certificate} first */
function certificateItem({ port }) {
  const row = element('li');
  /** @param {Certificate} next */
  const update = ({ expiresAt, problem }) => {
    const name = `Certificate of the ${port === 'admin' ? 'admin' : 'data'} port`;
    const fault = problem === null ? '' : `; what its files hold now is not used: ${problem}`;
    setText(row, `${name}: until ${localTime(expiresAt)}, ${timeLeft(expiresAt)} left${fault}`);
    setAttribute(row, 'data-tone', problem === null ? 'none' : 'bad');
  };
  return { row, update };
}

/** @param {Settings[number]} first */
function valueRow(first) {
  const { row, cells } = tableRow(columns);
  const value = element('code');
  cells[0].append(element('code', {}, first.path));
  cells[1].append(value);
  /** @param {Settings[number]} next */
  const update = (next) => {
    setText(value, next.value);
    setText(cells[2], next.from);
  };
  return { row, update };
}
