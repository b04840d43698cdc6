/** The workers of the host, how a replacement of all of them goes on, and the button that begins one. */
import { byId, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { stateMark } from '../dom/marks.js';
import { tableBody, tableRow } from '../dom/table.js';
import { confirmed } from '../live/confirm.js';
import { counted } from '../words/numbers.js';
import { duration, localTime } from '../words/times.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Tone } from '../dom/marks.js' */
/** @import { Commands } from '../live/commands.js' */
/** @typedef {Status['workers'][number]} Worker */

const columns = [
  { name: 'Slot', kind: 'name' },
  { name: 'State', kind: 'state' },
  { name: 'Process', kind: 'number' },
  { name: 'In flight', kind: 'number' },
  { name: 'Last counts', kind: 'number' },
];

/** @type {Readonly<Record<string, Tone>>} */
const tones = { ready: 'good', starting: 'warn', draining: 'warn', orphan: 'warn' };

/** A row for each worker. @param {Commands} commands */
export function workersSection(commands) {
  const body = tableBody('workers', 'Workers', columns);
  const draw = keyedRows(body, ({ slot, pid }) => `${slot} ${pid}`, workerRow);
  const button = byId('roll');
  let workers = 0;
  button.addEventListener('click', async () => {
    // It stays in the order of Tab, so that who comes to it hears why.
    if (button.getAttribute('aria-disabled') === 'true') return;
    const sentence = `${counted(workers, 'worker')} will be replaced one after the other. Each finishes its open requests first, so no request is dropped; long streams may take minutes.`;
    if (await confirmed('Replace all workers?', sentence, `Replace ${counted(workers, 'worker')}`))
      void commands.roll();
  });
  return {
    /** @param {Status} status */
    draw: (status) => {
      draw(status.workers);
      workers = status.workers.length;
      const isRolling = drawRoll(status.roll);
      setAttribute(button, 'aria-disabled', isRolling && 'true');
      setAttribute(button, 'aria-describedby', isRolling && 'roll-text');
      setAttribute(button, 'title', isRolling && 'The workers are being replaced.');
    },
  };
}

/** @param {Status['roll']} roll null: there was none @returns {boolean} whether it goes on */
function drawRoll(roll) {
  show(byId('roll-state'), roll !== null);
  if (roll === null) return false;
  const { replaced, of, problem, startedAt } = roll;
  const runs = problem === null && replaced < of;
  show(byId('roll-progress'), runs);
  setAttribute(byId('roll-progress'), 'max', String(of));
  setAttribute(byId('roll-progress'), 'value', String(replaced));
  const began = localTime(startedAt);
  setAttribute(byId('roll-state'), 'data-tone', problem === null ? 'none' : 'bad');
  if (problem !== null)
    setText(byId('roll-text'), `The replacement that began at ${began} stopped after ${replaced} of ${of}: ${problem}`);
  else if (runs) setText(byId('roll-text'), `Replacing workers since ${began}: ${replaced} of ${of} done`);
  else setText(byId('roll-text'), `All ${of} workers were replaced; it began at ${began}`);
  return runs;
}

/** @param {Worker} first */
function workerRow(first) {
  const { row, cells } = tableRow(columns);
  setText(cells[0], first.slot);
  setText(cells[2], first.pid);
  const setState = stateMark(cells[1]);
  /** @param {Worker} worker */
  const update = (worker) => {
    setState(tones[worker.state] ?? 'bad', worker.state);
    setText(cells[3], worker.inFlight);
    setText(cells[4], lastCounts(worker));
  };
  return { row, update };
}

/** @param {Worker} worker */
function lastCounts({ snapshotAgeMs, state, inFlight }) {
  if (snapshotAgeMs === null) return '–';
  const age = duration(snapshotAgeMs / 1000);
  if (state === 'orphan') return `by file, ${age} ago`;
  if (snapshotAgeMs < 5_000) return 'now';
  return inFlight === 0 ? `idle for ${age}` : `${age} ago`;
}
