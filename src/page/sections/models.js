/** Each model with its targets in the order in which requests try them: where its traffic goes, and what is left out. */
import { element, setAttribute, setText, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { stateMark } from '../dom/marks.js';
import { dataTable, rowGroup, setFigure, tableRow } from '../dom/table.js';
import { trafficCells, trafficColumns } from '../dom/traffic-cells.js';
import { counted, percent } from '../words/numbers.js';
import { resetButton } from './reset.js';
import { targetState } from './target-state.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { Commands } from '../live/commands.js' */
/** @import { Shown } from './target-state.js' */
/** @typedef {{ model: Status['models'][number], status: Status }} ModelItem */
/** @typedef {ModelItem & { target: ModelItem['model']['targets'][number], shown: Shown }} TargetItem */

const columns = [
  { name: 'Model and targets', kind: 'name' },
  { name: 'State', kind: 'state' },
  { name: 'Share', kind: 'share' },
  ...trafficColumns,
  { name: 'Actions', kind: 'action' },
];

/** The id of a model's row, for links. @param {string} model */
export const rowOfModel = (model) => `model-${encodeURIComponent(model)}`;

/** A group of rows for each model. @param {Commands} commands */
export function modelsSection(commands) {
  const { table, head } = dataTable('models', 'Models and their targets, figures of the last minute', columns);
  const draw = keyedRows(
    table,
    (/** @type {ModelItem} */ { model }) => model.name,
    (first) => modelRows(first, commands),
    head,
  );
  return {
    /** @param {Status} status */
    draw: (status) => draw(status.models.map((model) => ({ model, status }))),
  };
}

/** @param {ModelItem} first @param {Commands} commands */
function modelRows(first, commands) {
  const group = rowGroup('model');
  const { row, cells } = tableRow(columns, 'total');
  row.id = rowOfModel(first.model.name);
  const aliases = element('span', { class: 'soft' });
  cells[0].append(element('span', { class: 'title' }, first.model.name), ' ', aliases);
  const setState = stateMark(cells[1]);
  const setTraffic = trafficCells(cells.slice(3, -1));
  group.append(row);
  const draw = keyedRows(
    group,
    (/** @type {TargetItem} */ { target }) => `${target.provider}\n${target.model}`,
    (item) => targetRow(item, commands),
    row,
  );
  /** @param {ModelItem} item */
  const update = ({ model, status }) => {
    const targets = model.targets.map((target) => ({
      target,
      model,
      status,
      shown: targetState(status, target.provider, target.model),
    }));
    const usable = targets.filter(({ shown }) => shown.isUsable).length;
    setText(aliases, model.aliases.length > 0 ? `also ${model.aliases.join(', ')}` : '');
    if (usable === targets.length) setState('good', counted(targets.length, 'target'));
    else if (usable === 0) setState('bad', 'no target left');
    else setState('warn', `${targets.length - usable} of ${targets.length} targets left out`);
    setTraffic(status.traffic.models.find((each) => each.model === model.name));
    draw(targets);
  };
  return { row: group, update };
}

/** Attempts that failed, whichever target answered in the end. @param {Element} cell of the errors */
function attemptsMark(cell) {
  const mark = element('span', {
    class: 'owner',
    'data-owner': 'provider',
    title: 'of the attempts at this target fail; another one may have answered',
  });
  cell.append(mark);
  /** @param {number} share @param {number} told of its requests, which is shown already */
  return (share, told) => {
    show(mark, share > told);
    setText(mark, share > told ? `attempts ${percent(share)}` : '');
  };
}

/** @param {TargetItem} first @param {Commands} commands */
function targetRow(first, commands) {
  const { provider, model: upstream } = first.target;
  const { row, cells } = tableRow(columns, 'target');
  const place = element('span', { class: 'place' });
  const weight = element('span', { class: 'soft' });
  cells[0].append(
    place,
    element('span', { class: 'names' }, provider, element('span', { class: 'soft' }, ` / ${upstream}`), ' ', weight),
  );
  const setState = stateMark(cells[1]);
  const bar = element('meter', { min: '0', max: '1', 'aria-label': `Share of ${provider}` });
  const share = element('span');
  cells[2].append(bar, share);
  const setTraffic = trafficCells(cells.slice(3, -1));
  const setAttempts = attemptsMark(cells[4]);
  const reset = resetButton(provider, commands);
  cells.at(-1)?.append(reset.button);
  /** @param {TargetItem} item */
  const update = ({ target, model, status, shown }) => {
    const levels = [...new Set(model.targets.map(({ level }) => level))];
    setText(place, `${levels.indexOf(target.level) + 1}.`);
    setText(weight, model.balance === 'weighted' ? `× ${target.weight}` : '');
    setState(shown.tone, shown.text);
    const figures = status.traffic.targets.find(
      (each) => each.model === model.name && each.provider === provider && each.upstreamModel === upstream,
    );
    setAttribute(bar, 'value', String(figures?.share ?? 0));
    setFigure(share, figures === undefined ? null : percent(figures.share));
    setTraffic(figures);
    const attempts = status.traffic.attempts.find(
      (each) => each.provider === provider && each.upstreamModel === upstream,
    );
    setAttempts(attempts?.failedShare ?? 0, figures?.errorShare.provider ?? 0);
    reset.offer(shown.mayReset);
    show(bar, figures !== undefined);
  };
  return { row, update };
}
