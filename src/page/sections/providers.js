/** Providers and their keys. A key has a row of its own where there are several, or where it cools down. */
import { byId, element, setAttribute } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { stateMark } from '../dom/marks.js';
import { dataTable, rowGroup, tableRow } from '../dom/table.js';
import { trafficCells, trafficColumns } from '../dom/traffic-cells.js';
import { resetButton } from './reset.js';
import { keyState, providerState } from './target-state.js';

/** @type {readonly import('../dom/table.js').Column[]} */
const columns = [
  { name: 'Provider and keys', kind: 'name' },
  { name: 'State', kind: 'state' },
  ...trafficColumns,
  { name: 'Actions', kind: 'action' },
];

/** @param {import('../live/commands.js').Commands} commands */
export function providersSection(commands) {
  const { table, head } = dataTable('Providers and their keys, figures of the last minute', columns);
  byId('providers').append(table);
  const draw = keyedRows(
    table,
    (/** @type {any} */ { circuit }) => circuit.provider,
    (first) => providerRows(first.circuit.provider, commands),
    head,
  );
  return (/** @type {any} */ status) =>
    draw(status.circuits.map((/** @type {any} */ circuit) => ({ circuit, status })));
}

/** @param {string} provider @param {import('../live/commands.js').Commands} commands */
function providerRows(provider, commands) {
  const group = rowGroup('provider');
  const { row, cells } = tableRow(columns, 'total');
  cells[0].append(element('span', { class: 'title' }, provider));
  const setState = stateMark(cells[1]);
  const setTraffic = trafficCells(cells.slice(2, -1));
  const { button } = resetButton(provider, commands);
  cells.at(-1)?.append(button);
  group.append(row);
  const drawKeys = keyedRows(group, (/** @type {any} */ key) => key.name, keyRow, row);
  /** @param {any} item */
  const update = ({ circuit, status }) => {
    const shown = providerState(status, circuit);
    setState(shown.tone, shown.text);
    setAttribute(button, 'data-calm', !shown.mayReset);
    setTraffic(status.traffic?.providers.find((/** @type {any} */ each) => each.provider === provider));
    const keys = status.keys.filter((/** @type {any} */ key) => key.provider === provider);
    drawKeys(keys.length > 1 || keys.some((/** @type {any} */ key) => key.state !== 'ready') ? keys : []);
  };
  return { row: group, update };
}

/** @param {any} key */
function keyRow(key) {
  const row = element('tr', { role: 'row', class: 'target' });
  const state = element('td', {
    role: 'cell',
    class: 'state',
    'data-label': 'State',
    colspan: String(columns.length - 1),
  });
  row.append(
    element('th', { scope: 'row', role: 'rowheader' }, element('span', { class: 'names' }, 'key ', key.name)),
    state,
  );
  const setState = stateMark(state);
  /** @param {any} next */
  const update = (next) => {
    const shown = keyState(next);
    setState(shown.tone, shown.text);
  };
  return { row, update };
}
