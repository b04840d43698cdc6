/** Providers and their keys. A key has a row of its own where there are several, or where it cools down. */
import { element, setAttribute } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { stateMark } from '../dom/marks.js';
import { dataTable, rowGroup, tableRow } from '../dom/table.js';
import { trafficCells, trafficColumns } from '../dom/traffic-cells.js';
import { resetButton } from './reset.js';
import { keyState, providerState } from './target-state.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Commands } from '../live/commands.js' */
/** @typedef {{ circuit: Status['circuits'][number], status: Status }} ProviderItem */
/** @typedef {Status['keys'][number]} Key */

const columns = [
  { name: 'Provider and keys', kind: 'name' },
  { name: 'State', kind: 'state' },
  ...trafficColumns,
  { name: 'Actions', kind: 'action' },
];

/** A group of rows for each provider. @param {Commands} commands */
export function providersSection(commands) {
  const { table, head } = dataTable('providers', 'Providers and their keys, figures of the last minute', columns);
  const draw = keyedRows(
    table,
    (/** @type {ProviderItem} */ { circuit }) => circuit.provider,
    (first) => providerRows(first.circuit.provider, commands),
    head,
  );
  return {
    /** @param {Status} status */
    draw: (status) => draw(status.circuits.map((circuit) => ({ circuit, status }))),
  };
}

/** @param {string} provider @param {Commands} commands */
function providerRows(provider, commands) {
  const group = rowGroup('provider');
  const { row, cells } = tableRow(columns, 'total');
  cells[0].append(element('span', { class: 'title' }, provider));
  const setState = stateMark(cells[1]);
  const setTraffic = trafficCells(cells.slice(2, -1));
  const { button } = resetButton(provider, commands);
  cells.at(-1)?.append(button);
  group.append(row);
  const drawKeys = keyedRows(group, ({ name }) => name, keyRow, row);
  /** @param {ProviderItem} item */
  const update = ({ circuit, status }) => {
    const shown = providerState(status, circuit);
    setState(shown.tone, shown.text);
    setAttribute(button, 'data-calm', !shown.mayReset);
    setTraffic(status.traffic.providers.find((each) => each.provider === provider));
    const keys = status.keys.filter((key) => key.provider === provider);
    drawKeys(keys.length > 1 || keys.some((key) => key.state !== 'ready') ? keys : []);
  };
  return { row: group, update };
}

/** @param {Key} key */
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
  /** @param {Key} next */
  const update = (next) => {
    const shown = keyState(next);
    setState(shown.tone, shown.text);
  };
  return { row, update };
}
