/**
 * How a chart is drawn, in uPlot's words. Colours are asked for at each drawing, so that they are those of the theme.
 */
import { clockTime } from '../words/times.js';

/** @import uPlot from 'uplot' */
/** @import { ChartKind } from './kinds.js' */

/** A plot's height in px. */
export const HEIGHT = 132;
const AXIS_WIDTH = 58;

/** The lines in the order in which they are drawn: of a stack the highest first, and the others upon it. @param {ChartKind} kind */
export function drawingOrder({ lines, isStacked }) {
  return lines.map((_, index) => (isStacked ? lines.length - 1 - index : index));
}

/**
 * The options of a plot.
 *
 * @param {typeof uPlot} library
 * @param {ChartKind} kind
 * @param {{ words: () => string, grid: () => string, of: (line: number) => string }} colours
 * @param {uPlot.Hooks.Arrays} hooks
 * @returns {uPlot.Options}
 */
export function plotOptions(library, kind, colours, hooks) {
  const axis = {
    stroke: colours.words,
    font: '11px system-ui, sans-serif',
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width: 300,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: {
      sync: { key: 'hour', setSeries: false },
      drag: { x: false, y: false },
      y: false,
      points: { show: !kind.isStacked, size: 6 },
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, _least, most) => [0, most === null || most <= 0 ? 1 : most * 1.12] },
    },
    axes: [
      { ...axis, space: 64, size: 24, values: (_plot, at) => at.map((each) => clockTime(each * 1000).slice(0, 5)) },
      {
        ...axis,
        space: 32,
        size: AXIS_WIDTH,
        values: (_plot, at) => at.map((each) => (each === 0 ? '0' : kind.words(each).replace('.00', ''))),
      },
    ],
    series: [{}, ...drawingOrder(kind).map((line) => seriesOf(library, kind, () => colours.of(line)))],
    hooks,
  };
}

/** @param {typeof uPlot} library @param {ChartKind} kind @param {() => string} stroke @returns {uPlot.Series} */
function seriesOf({ paths }, { isStacked }, stroke) {
  const line = { stroke, points: { show: false } };
  const stepped = isStacked && paths.stepped?.({ align: 1 });
  return stepped ? { ...line, width: 0, fill: stroke, paths: stepped } : { ...line, width: 1.6 };
}
