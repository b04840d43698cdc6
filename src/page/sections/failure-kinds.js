/** Failures of the same kind: they have the same cure, which stands once for all of them. */
import { byId, element, setText, setWords } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { shortTime } from '../words/times.js';

/** @import { Failure } from '../../primary/failures/failure.ts' */
/** @typedef {{ newest: Failure, count: number }} Kind */

const MOST = 5;

/** Lists the kinds of what is drawn, newest first, by how many there are. @returns {(failures: readonly Failure[]) => void} */
export function failureKinds() {
  const draw = keyedRows(byId('failures-kinds'), ({ newest }) => kindOf(newest), kindItem);
  return (failures) => {
    /** @type {Map<string, Kind>} */
    const kinds = new Map();
    for (const failure of failures) {
      const key = kindOf(failure);
      const kind = kinds.get(key) ?? { newest: failure, count: 0 };
      kind.count += 1;
      kinds.set(key, kind);
    }
    draw([...kinds.values()].sort((one, other) => other.count - one.count).slice(0, MOST));
  };
}

/** @param {Failure} failure */
function kindOf({ owner, code, providers, cure }) {
  return [owner, code, cure, ...providers].join('\n');
}

/** @param {Kind} first */
function kindItem({ newest: { owner, code, providers, message, operator, cure } }) {
  const count = element('span', { class: 'count' });
  const last = element('span', { class: 'soft' });
  const todo = element('span', { class: 'line soft' });
  setWords(todo, `${operator === null ? '' : `For the operator: ${operator}. `}${cure}`);
  const place = providers.includes('unknown') ? '' : ` · ${providers.join(', ')}`;
  const words = element('div', {}, element('strong', {}, code), place, ` · ${message}, `, last, todo);
  const row = element('li', {}, count, element('span', { class: 'owner', 'data-owner': owner }, owner), words);
  /** @param {Kind} next */
  const update = (next) => {
    setText(count, `${next.count} ×`);
    setText(last, `last at ${shortTime(next.newest.at)}`);
  };
  return { row, update };
}
