/** A list to choose from whose options come and go; what is chosen stays, also where it is not offered any more. */
import { byId, element } from './elements.js';
import { keyedRows } from './keyed-rows.js';

/**
 * @param {string} id of a `select`
 * @param {string} none the name of no choice, whose value is empty
 * @param {() => void} onChange
 */
export function chooser(id, none, onChange) {
  const select = /** @type {HTMLSelectElement} */ (byId(id));
  const all = element('option', { value: '' }, none);
  select.replaceChildren(all);
  const draw = keyedRows(
    select,
    (/** @type {string} */ value) => value,
    (value) => ({ row: element('option', { value }, value), update: () => {} }),
    all,
  );
  select.addEventListener('change', onChange);
  return {
    value: () => select.value,
    /** @param {readonly string[]} values */
    offer: (values) => draw(select.value === '' || values.includes(select.value) ? values : [...values, select.value]),
  };
}
