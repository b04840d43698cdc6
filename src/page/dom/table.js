/**
 * Tables. Roles are written out, since a row that is laid out as a card on a narrow screen is no row for screen readers any
 * more; each cell carries the name of its column for that card.
 */
import { byId, element, setAttribute, setText } from './elements.js';

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} [kind] `number`, `wide` or `action`; styles its width and side
 */

/**
 * An empty table with its head, where the page has a place for it.
 *
 * @param {string} id of the place
 * @param {string} label what it is of, for screen readers
 * @param {readonly Column[]} columns
 */
export function dataTable(id, label, columns) {
  const widths = columns.map(({ kind = 'text' }) => element('col', { class: `col-${kind}` }));
  const names = columns.map(({ name, kind = 'text' }) =>
    element('th', { scope: 'col', role: 'columnheader', class: kind }, kind === 'action' ? unseen(name) : name),
  );
  const head = element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...names));
  const table = element('table', { role: 'table', 'aria-label': label }, element('colgroup', {}, ...widths), head);
  byId(id).append(table);
  return { table, head };
}

/** The same, for rows of one kind: where they go. @param {string} id @param {string} label @param {readonly Column[]} columns */
export function tableBody(id, label, columns) {
  const body = rowGroup();
  dataTable(id, label, columns).table.append(body);
  return body;
}

/** A group of rows. @param {string} [className] */
export function rowGroup(className = '') {
  return element('tbody', { role: 'rowgroup', ...(className === '' ? {} : { class: className }) });
}

/**
 * A row with an empty cell for each column; the first one is the row's header.
 *
 * @param {readonly Column[]} columns
 * @param {string} [className]
 */
export function tableRow(columns, className = '') {
  const cells = columns.map(({ name, kind = 'text' }, index) =>
    index === 0
      ? element('th', { scope: 'row', role: 'rowheader' })
      : element('td', { role: 'cell', class: kind, 'data-label': name }),
  );
  return { row: element('tr', { role: 'row', ...(className === '' ? {} : { class: className }) }, ...cells), cells };
}

/**
 * Writes a number or a word into a cell; one that says nothing is drawn softly.
 *
 * @param {Element} cell @param {string | null} text null: there is none
 */
export function setFigure(cell, text) {
  setText(cell, text ?? '–');
  setAttribute(cell, 'data-none', text === null);
}

/** Text for screen readers alone. @param {string} text */
function unseen(text) {
  return element('span', { class: 'unseen' }, text);
}
