/** Lists to choose from, whose options come and go. */
import { byId, element } from './elements.js';
import { keyedRows } from './keyed-rows.js';

/**
 * Options by their names.
 *
 * @param {Element} parent
 * @param {(name: string) => string} [valueFor]
 * @param {Element | null} [after]
 */
export function optionRows(parent, valueFor = (name) => name, after = null) {
  return keyedRows(
    parent,
    (name) => name,
    (/** @type {string} */ name) => ({ row: element('option', { value: valueFor(name) }, name), update: () => {} }),
    after,
  );
}

/**
 * What is chosen in such a list stays, also where it is not offered any more.
 *
 * @param {string} id of a `select`
 * @param {string} none the name of no choice, whose value is empty
 * @param {() => void} onChange
 */
export function chooser(id, none, onChange) {
  const select = /** @type {HTMLSelectElement} */ (byId(id));
  const all = element('option', { value: '' }, none);
  select.replaceChildren(all);
  const draw = optionRows(select, undefined, all);
  select.addEventListener('change', onChange);
  return {
    value: () => select.value,
    /** @param {readonly string[]} values */
    offer: (values) => draw(select.value === '' || values.includes(select.value) ? values : [...values, select.value]),
  };
}
