/**
 * One chart of the last hour, with the values under the cursor above it, or the latest where there is none. The cursor is
 * shared by all charts. Colours are those of the marks beside the values, so both themes and the charts agree.
 */
import { byId, element, setAttribute, setText } from '../dom/elements.js';
import { drawingOrder, HEIGHT, plotOptions } from './plot-options.js';
import { drawSpans, spansOf } from './spans.js';

/** @import uPlot from 'uplot' */
/** @import { HistoryAnswer } from '../../primary/history/history-answer.ts' */
/** @import { ChartKind, Numbers } from './kinds.js' */
/** @import { Span } from './spans.js' */

const HOUR_SECONDS = 3_600;
/** Of a gateway that has just begun, this much is shown at least. */
const LEAST_SECONDS = 600;

/**
 * Makes a chart, without values yet.
 *
 * @param {typeof uPlot} library
 * @param {ChartKind} kind
 * @param {(index: number | null) => void} onCursor
 */
export function chart(library, kind, onCursor) {
  const { caption, colourOf, read } = readings(kind);
  const place = element('div', { class: 'plot', role: 'img' });
  const colours = {
    of: colourOf,
    words: () => getComputedStyle(place).color,
    grid: () => getComputedStyle(place).borderTopColor,
  };
  const order = drawingOrder(kind);

  /** @type {readonly Numbers[]} */
  let lines = [];
  /** @type {readonly number[]} */
  let times = [];
  /** @type {readonly Span[]} */
  let spans = [];
  /** @param {number | null} index null: the latest */
  const readAt = (index) => read(lines.map((line) => line[index ?? times.length - 1]));
  const options = plotOptions(library, kind, colours, {
    drawAxes: [(self) => drawSpans(self, spans, spanColours())],
    setCursor: [
      ({ cursor: { idx = null } }) => {
        readAt(idx);
        onCursor(idx);
      },
    ],
  });
  const plot = new library(options, [[], ...order.map(() => [])], place);
  // Its types do not know that it tells other charts, unless it is told not to.
  /** @type {(at: { left: number, top: number }, fires: boolean, tells: boolean) => void} */
  const setCursor = plot.setCursor;
  keepUp(plot, place);

  return {
    figure: element('figure', { class: 'card chart' }, caption, place),
    /** @param {HistoryAnswer} answer @param {readonly number[]} at the beginnings of its steps, in s */
    draw: ({ series, stepSeconds, until, approximate }, at) => {
      times = at;
      spans = spansOf(approximate, times, stepSeconds);
      lines = kind.lines.map(({ values }) => values(series, stepSeconds));
      const drawn = kind.isStacked ? stacked(lines) : lines;
      plot.batch(() => {
        plot.setData([[...times], ...order.map((line) => [...drawn[line]])], false);
        plot.setScale('x', scope(times, Date.parse(until) / 1000));
      });
      readAt(plot.cursor.idx ?? null);
      setAttribute(place, 'aria-label', label(kind.title, spans.length > 0));
    },
    /** Puts the cursor of all charts there. @param {number | null} index null: takes it away */
    point: (index) => {
      if (index === null || times[index] === undefined) setCursor({ left: -10, top: -10 }, true, false);
      else setCursor({ left: plot.valToPos(times[index], 'x'), top: 10 }, true, false);
    },
  };
}

/** What stands above a chart: its name, and the colour, the name and a value of each line. @param {ChartKind} kind */
function readings({ title, lines, words }) {
  const marks = lines.map(({ name, colour }) => {
    const swatch = element('span', { class: 'swatch', 'data-colour': colour, 'aria-hidden': 'true' });
    const value = element('span', { class: 'value' }, '–');
    return { swatch, value, node: element('span', { class: 'reading' }, swatch, `${name} `, value) };
  });
  return {
    caption: element('figcaption', {}, element('h3', {}, title), ...marks.map(({ node }) => node)),
    /** The colour of a line in the theme that is on. @param {number} line */
    colourOf: (line) => getComputedStyle(marks[line].swatch).backgroundColor,
    /** @param {readonly (number | null | undefined)[]} values of the lines */
    read: (values) => {
      for (const [line, { value }] of marks.entries()) {
        const number = values[line] ?? null;
        setText(value, number === null ? '–' : words(number));
      }
    },
  };
}

/** @param {string} title @param {boolean} isApproximate */
function label(title, isApproximate) {
  const part = isApproximate ? ', in part approximate' : '';
  return `${title} of the last hour${part}; the values stand above, those of another time by the slider below`;
}

/** Those of the sign before the words that explain them. */
function spanColours() {
  const { backgroundColor: tint, borderBottomColor: bar } = getComputedStyle(byId('approximate-sign'));
  return { tint, bar };
}

/** Draws a plot anew where its place or the theme changes. @param {uPlot} plot @param {Element} place */
function keepUp(plot, place) {
  new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false, true));
}

/** What is shown of the hour that ends then. @param {readonly number[]} times @param {number} end in s */
function scope(times, end) {
  return { min: Math.max(end - HOUR_SECONDS, Math.min(times[0] ?? end, end - LEAST_SECONDS)), max: end };
}

/** Each line upon those before it. @param {readonly Numbers[]} lines @returns {Numbers[]} */
function stacked(lines) {
  const sums = /** @type {(number | null)[]} */ ([]);
  return lines.map((line) =>
    line.map((value, index) => {
      if (value !== null) sums[index] = (sums[index] ?? 0) + value;
      return value === null ? null : sums[index];
    }),
  );
}
