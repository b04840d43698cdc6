/** The configuration in force, each value with the place that it comes from, and how the last reload went. */
import { byId, element, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { dataTable, rowGroup, tableRow } from '../dom/table.js';
import { ask } from '../words/failed-fetch.js';
import { counted } from '../words/numbers.js';
import { localTime, timeLeft } from '../words/times.js';

const RETRY_MS = 10_000;

/** @type {readonly import('../dom/table.js').Column[]} */
const columns = [
  { name: 'Setting', kind: 'path' },
  { name: 'Value', kind: 'value' },
  { name: 'From', kind: 'from' },
];

/**
 * @param {import('../live/commands.js').Commands} commands
 * @param {(values: readonly any[]) => void} onValues gets the values once they are known
 */
export function configSection(commands, onValues) {
  const { table } = dataTable('Configuration in force', columns);
  const body = rowGroup();
  table.append(body);
  byId('config').append(table);
  const drawValues = keyedRows(body, (/** @type {any} */ each) => each.path, valueRow);
  const drawProblems = keyedRows(
    byId('reload-problems'),
    (/** @type {string} */ line) => line,
    (line) => ({ row: element('li', {}, element('code', {}, line)), update: () => {} }),
  );
  const drawCertificates = keyedRows(byId('certificates'), (/** @type {any} */ { port }) => port, certificateItem);
  byId('reload').addEventListener('click', () => void commands.reload());
  const find = /** @type {HTMLInputElement} */ (byId('config-find'));
  const defaults = /** @type {HTMLInputElement} */ (byId('config-defaults'));
  for (const input of [find, defaults]) input.addEventListener('input', () => draw());
  /** @type {any} */
  let answer = null;
  let loadedFor = '';

  function draw() {
    const words = find.value.trim().toLowerCase();
    const found = answer.values.filter(
      (/** @type {any} */ { path, value, from }) =>
        (defaults.checked || from !== 'default') && `${path} ${value} ${from}`.toLowerCase().includes(words),
    );
    drawValues(found);
    setText(byId('config-count'), `${found.length} of ${counted(answer.values.length, 'value')}`);
    setText(
      byId('config-summary'),
      `Version ${answer.version} from ${answer.source}, loaded ${localTime(answer.loadedAt)}`,
    );
  }

  async function load() {
    try {
      answer = await ask('/api/config');
      show(byId('config-note'), false);
      show(byId('config-values'), true);
      draw();
      onValues(answer.values);
    } catch (error) {
      show(byId('config-note'), true);
      if (answer === null) show(byId('config-values'), false);
      setText(byId('config-note'), `Its values could not be had: ${/** @type {Error} */ (error).message}.`);
      setTimeout(() => {
        loadedFor = '';
      }, RETRY_MS);
    }
  }

  return {
    /** @param {any} status */
    draw: ({ config, certificates = [] }) => {
      drawCertificates(certificates);
      const last = config.lastReload ?? null;
      if (answer === null)
        setText(byId('config-summary'), `Version ${config.version}, loaded ${localTime(config.loadedAt)}`);
      drawReload(config, last, drawProblems);
      const now = `${config.version} ${config.loadedAt} ${last?.at ?? ''}`;
      if (now === loadedFor) return;
      loadedFor = now;
      void load();
    },
  };
}

/** @param {any} config @param {any} last @param {(lines: readonly string[]) => void} drawProblems */
function drawReload({ lastReloadSuccessful }, last, drawProblems) {
  const refused = last === null ? !lastReloadSuccessful : !last.successful;
  show(byId('reload-refused'), refused);
  show(byId('last-reload'), !refused && last !== null);
  if (refused) {
    const when = last === null ? '' : ` at ${localTime(last.at)}, asked for by ${last.by}`;
    setText(byId('reload-refused-title'), `The last reload was refused${when}`);
    drawProblems(last?.problems ?? ['The log says why.']);
  } else if (last !== null) {
    const changes = last.changes.length === 0 ? 'nothing had changed' : last.changes.join('; ');
    setText(byId('last-reload'), `Last reload at ${localTime(last.at)} by ${last.by}: ${changes}`);
  }
}

/** @param {any} first */
function certificateItem({ port }) {
  const row = element('li');
  /** @param {any} next */
  const update = ({ expiresAt, problem }) => {
    const name = `Certificate of the ${port === 'admin' ? 'admin' : 'data'} port`;
    setText(
      row,
      `${name}: until ${localTime(expiresAt)}, ${timeLeft(expiresAt)} left${problem === null ? '' : `; what its files hold now is not used: ${problem}`}`,
    );
    setAttribute(row, 'data-tone', problem === null ? 'none' : 'bad');
  };
  return { row, update };
}

/** @param {any} first */
function valueRow(first) {
  const { row, cells } = tableRow(columns);
  const value = element('code');
  cells[0].append(element('code', {}, first.path));
  cells[1].append(value);
  /** @param {any} next */
  const update = (next) => {
    setText(value, next.value);
    setText(cells[2], next.from);
  };
  return { row, update };
}
