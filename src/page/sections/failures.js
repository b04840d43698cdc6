/** The last failures of the host, as they happen. What stood on the page stays where it is; new ones come before it. */
import { chooser } from '../dom/chooser.js';
import { copyButton } from '../dom/copy-button.js';
import { byId, element, say, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { owners } from '../dom/marks.js';
import { tableBody, tableRow } from '../dom/table.js';
import { ask } from '../live/admin-port.js';
import { counted, milliseconds } from '../words/numbers.js';
import { localTime } from '../words/times.js';
import { failureKinds } from './failure-kinds.js';
import { fairly } from './fair-failures.js';

/** @import { Failure } from '../../primary/failures/failure.ts' */

const SHOWN_FIRST = 10;

/** So often it is looked whether a failure has become one of another day. */
const LOOK_EVERY_MS = 60_000;

const columns = [
  { name: 'Time', kind: 'time' },
  { name: 'Owner', kind: 'tag' },
  { name: 'Model', kind: 'medium' },
  { name: 'What failed', kind: 'long' },
  { name: 'Trail', kind: 'trail' },
  { name: 'Request', kind: 'request' },
];

/** Asks for all at each connection, and adds those that come. */
export function failuresSection() {
  const drawKinds = failureKinds();
  const drawRows = keyedRows(tableBody('failures', 'Last failures, newest first', columns), nameOf, failureRow);
  /** @type {readonly Failure[]} */
  let failures = [];
  let withheld = 0;
  let problem = '';
  const choose = failureChoosers(draw);
  const showsAll = moreButton(draw);

  function draw() {
    const chosen = choose(failures);
    drawKinds(chosen);
    drawRows(showsAll(chosen.length) ? chosen : chosen.slice(0, SHOWN_FIRST));
    show(byId('failures'), chosen.length > 0);
    say('failures-note', problem || note(chosen.length, failures.length, withheld), problem !== '');
  }

  setInterval(draw, LOOK_EVERY_MS);
  return {
    load: async () => {
      try {
        const answer = await ask('/api/errors');
        const known = new Set(answer.failures.map(nameOf));
        const newest = answer.failures[0]?.at ?? '';
        const newer = failures.filter((each) => each.at > newest && !known.has(nameOf(each)));
        failures = fairly([...newer, ...answer.failures]);
        withheld = answer.withheld;
        problem = '';
      } catch (error) {
        problem = `The failures could not be had: ${/** @type {Error} */ (error).message}.`;
      }
      draw();
    },
    /** @param {Failure} failure */
    add: (failure) => {
      if (failures.some((each) => nameOf(each) === nameOf(failure))) return;
      failures = fairly([failure, ...failures]);
      draw();
    },
  };
}

/** An id may be a client's, and come twice. @param {Failure} failure */
function nameOf({ at, worker, id, durationMs }) {
  return `${at} ${worker} ${id} ${durationMs}`;
}

/** @param {number} chosen @param {number} all @param {number} withheld */
function note(chosen, all, withheld) {
  if (all === 0) return 'No request has failed since this gateway started.';
  const left = withheld > 0 ? `; ${withheld} more were too many to keep` : '';
  return `${chosen === all ? '' : `${chosen} of `}${counted(all, 'failure')}${left}`;
}

/**
 * The lists to choose from: whatever has failed.
 *
 * @param {() => void} onChange
 * @returns {(failures: readonly Failure[]) => readonly Failure[]} those that are chosen
 */
function failureChoosers(onChange) {
  const fields = /** @type {const} */ (['model', 'provider', 'owner']);
  const choosers = fields.map((field) => ({ field, ...chooser(`failures-${field}`, 'all', onChange) }));
  return (failures) => {
    for (const { field, offer } of choosers)
      offer(field === 'owner' ? owners : [...new Set(failures.flatMap((each) => valuesOf(each, field)))].sort());
    return failures.filter((each) =>
      choosers.every(({ field, value }) => value() === '' || valuesOf(each, field).includes(value())),
    );
  };
}

/** A provider has those too that were not sent to it. @param {Failure} failure @param {'model' | 'provider' | 'owner'} field */
function valuesOf(failure, field) {
  return field === 'provider' ? [failure.provider, ...failure.providers] : [failure[field]];
}

/** @param {() => void} onChange @returns {(count: number) => boolean} whether all of so many are to be shown */
function moreButton(onChange) {
  const button = byId('failures-more');
  let showsAll = false;
  button.addEventListener('click', () => {
    showsAll = !showsAll;
    onChange();
  });
  return (count) => {
    show(button, count > SHOWN_FIRST);
    setText(button, showsAll ? `Show the last ${SHOWN_FIRST} only` : `Show all ${count} failures`);
    return showsAll;
  };
}

/** A failure never changes, but for the words of its time once that is of another day. @param {Failure} failure */
function failureRow(failure) {
  const { at, owner, model, key, code, cause, status, trail, leftOut, id, upstreamRequestId } = failure;
  const when = element('time', { datetime: at });
  const { row, cells } = tableRow(columns, 'failure');
  const [time, who, asked, what, way, request] = cells;
  time.append(when);
  who.append(element('span', { class: 'owner', 'data-owner': owner }, owner));
  asked.append(model, line(targetOf(failure)));
  if (key !== null) asked.append(line(`key ${key}`));
  what.append(element('strong', {}, code), ` ${status}`);
  if (failure.operator !== null) what.append(line(`operator: ${failure.operator}`));
  if (cause !== null) what.append(line(cause));
  way.append(trail === '' ? element('span', { class: 'soft' }, 'none asked') : trail);
  if (leftOut !== undefined) way.append(line(`left out: ${leftOut}`));
  way.append(line(milliseconds(failure.durationMs) ?? ''));
  const copy = copyButton(`Copy request id ${id}`, () => id);
  request.append(element('code', {}, id), copy);
  if (upstreamRequestId !== null) request.append(line('of the provider: ', element('code', {}, upstreamRequestId)));
  const update = () => {
    setText(when, localTime(at));
  };
  return { row, update };
}

/** @param {...(Node | string)} content */
function line(...content) {
  return element('span', { class: 'line soft' }, ...content);
}

/** @param {Failure} failure */
function targetOf({ provider, providers, upstreamModel }) {
  if (upstreamModel !== null) return `${provider} / ${upstreamModel}`;
  if (provider !== 'unknown') return provider;
  return providers.includes('unknown') ? 'no provider asked' : `${providers.join(', ')}, not asked`;
}
