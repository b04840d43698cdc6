/** The last failures of the host, as they happen. What stood on the page stays where it is; new ones come before it. */

import { chooser } from '../dom/chooser.js';
import { copyButton } from '../dom/copy-button.js';
import { byId, element, setAttribute, setText, setWords, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { owners } from '../dom/marks.js';
import { dataTable, rowGroup, tableRow } from '../dom/table.js';
import { ask } from '../words/failed-fetch.js';
import { counted, milliseconds } from '../words/numbers.js';
import { clockTime, localTime } from '../words/times.js';

const KEPT = 200;
const SHOWN_FIRST = 10;
const KINDS_SHOWN = 5;

/** @type {readonly import('../dom/table.js').Column[]} */
const columns = [
  { name: 'Time', kind: 'time' },
  { name: 'Owner', kind: 'tag' },
  { name: 'Model', kind: 'medium' },
  { name: 'What failed', kind: 'long' },
  { name: 'Trail', kind: 'trail' },
  { name: 'Request', kind: 'request' },
];

export function failuresSection() {
  const { table } = dataTable('Last failures, newest first', columns);
  const body = rowGroup();
  table.append(body);
  byId('failures').append(table);
  const drawKinds = keyedRows(byId('failures-kinds'), (/** @type {any} */ { newest }) => kindOf(newest), kindItem);
  const drawRows = keyedRows(body, (/** @type {any} */ each) => `${each.id} ${each.at}`, failureRow);
  /** @type {any[]} */
  let failures = [];
  let withheld = 0;
  let problem = '';
  let showsAll = false;

  const choosers = {
    model: chooser('failures-model', 'all', () => draw()),
    provider: chooser('failures-provider', 'all', () => draw()),
    owner: chooser('failures-owner', 'all', () => draw()),
  };
  choosers.owner.offer([...owners]);
  byId('failures-more').addEventListener('click', () => {
    showsAll = !showsAll;
    draw();
  });

  function draw() {
    choosers.model.offer([...new Set(failures.map(({ model }) => model))].sort());
    choosers.provider.offer([...new Set(failures.map(({ provider }) => provider))].sort());
    const chosen = failures.filter((failure) =>
      Object.entries(choosers).every(([field, { value }]) => value() === '' || failure[field] === value()),
    );
    drawKinds(kindsOf(chosen).slice(0, KINDS_SHOWN));
    drawRows(showsAll ? chosen : chosen.slice(0, SHOWN_FIRST));
    show(byId('failures'), chosen.length > 0);
    show(byId('failures-more'), chosen.length > SHOWN_FIRST);
    setText(
      byId('failures-more'),
      showsAll ? `Show the last ${SHOWN_FIRST} only` : `Show all ${chosen.length} failures`,
    );
    setText(byId('failures-note'), note(chosen.length));
    setAttribute(byId('failures-note'), 'data-tone', problem === '' ? 'none' : 'bad');
  }

  /** @param {number} chosen */
  function note(chosen) {
    if (problem !== '') return problem;
    if (failures.length === 0) return 'No request has failed since this gateway started.';
    const left = withheld > 0 ? `; ${withheld} more were too many to keep` : '';
    return chosen === failures.length
      ? `${counted(failures.length, 'failure')}${left}`
      : `${chosen} of ${counted(failures.length, 'failure')}${left}`;
  }

  return {
    /** Asks for all of them. */
    load: async () => {
      try {
        const answer = await ask('/api/errors');
        const known = new Set(answer.failures.map((/** @type {any} */ { id, at }) => `${id} ${at}`));
        const newer = failures.filter(({ id, at }) => !known.has(`${id} ${at}`) && at > (answer.failures[0]?.at ?? ''));
        failures = [...newer, ...answer.failures].slice(0, KEPT);
        withheld = answer.withheld;
        problem = '';
      } catch (error) {
        problem = `The failures could not be had: ${/** @type {Error} */ (error).message}.`;
      }
      draw();
    },
    /** @param {any} failure */
    add: (failure) => {
      if (failures.some(({ id, at }) => id === failure.id && at === failure.at)) return;
      failures = [failure, ...failures].slice(0, KEPT);
      draw();
    },
  };
}

/** Failures with the same cure. @param {any} failure */
function kindOf({ owner, code, provider, cure }) {
  return [owner, code, provider, cure].join('\n');
}

/** The most frequent first. @param {readonly any[]} failures newest first */
function kindsOf(failures) {
  const kinds = new Map();
  for (const failure of failures) {
    const key = kindOf(failure);
    const kind = kinds.get(key) ?? { newest: failure, count: 0 };
    kind.count += 1;
    kinds.set(key, kind);
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count);
}

/** Whose job it is, where a setting is wrong; an older gateway does not say. @param {any} failure */
function ofOperator({ operator }) {
  return operator ? `For the operator: ${operator}. ` : '';
}

/** @param {any} first */
function kindItem({ newest }) {
  const { owner, code, provider, message, cure } = newest;
  const count = element('span', { class: 'count' });
  const last = element('span', { class: 'soft' });
  const words = element(
    'div',
    {},
    element('strong', {}, code),
    provider === 'unknown' ? '' : ` · ${provider}`,
    ` · ${message}, `,
    last,
  );
  const todo = element('span', { class: 'line soft' });
  setWords(todo, `${ofOperator(newest)}${cure}`);
  words.append(todo);
  const row = element('li', {}, count, element('span', { class: 'owner', 'data-owner': owner }, owner), words);
  /** @param {any} next */
  const update = (next) => {
    setText(count, `${next.count} ×`);
    setText(last, `last at ${clockTime(next.newest.at)}`);
  };
  return { row, update };
}

/** A failure never changes, so its row is written once. @param {any} failure */
function failureRow(failure) {
  const { at, owner, model, provider, upstreamModel, key, code, cause, status, trail, id } = failure;
  const { row, cells } = tableRow(columns, 'failure');
  const [time, who, asked, what, way, request] = cells;
  time.append(element('time', { datetime: at, title: localTime(at) }, clockTime(at)));
  who.append(element('span', { class: 'owner', 'data-owner': owner }, owner));
  const target =
    upstreamModel === null
      ? provider === 'unknown'
        ? 'no provider asked'
        : provider
      : `${provider} / ${upstreamModel}`;
  asked.append(model, element('span', { class: 'line soft' }, target));
  if (key !== null) asked.append(element('span', { class: 'line soft' }, `key ${key}`));
  what.append(element('strong', {}, code), ` ${status}`);
  if (failure.operator) what.append(element('span', { class: 'line soft' }, `operator: ${failure.operator}`));
  if (cause !== null) what.append(element('span', { class: 'line soft' }, cause));
  way.append(trail === '' ? element('span', { class: 'soft' }, 'none asked') : trail);
  way.append(element('span', { class: 'line soft' }, milliseconds(failure.durationMs) ?? ''));
  request.append(
    element('code', {}, id),
    copyButton(`Copy request id ${id}`, () => id),
  );
  if (failure.upstreamRequestId !== null)
    request.append(
      element('span', { class: 'line soft' }, 'of the provider: ', element('code', {}, failure.upstreamRequestId)),
    );
  return { row, update: () => {} };
}
