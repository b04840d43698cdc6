/**
 * One chart of the last hour, with the values under the cursor above it, or the latest where there is none. The cursor is
 * shared by all charts. Colours are those of the marks beside the values, so both themes and the charts agree.
 */
import { byId, element, setText } from '../dom/elements.js';
import { clockTime } from '../words/times.js';
import { drawSpans, spansOf } from './spans.js';

const HEIGHT = 132;
const AXIS_WIDTH = 58;
const HOUR_SECONDS = 3_600;
/** Of a gateway that has just begun, this much is shown at least. */
const LEAST_SECONDS = 600;

/**
 * @param {any} uPlot
 * @param {import('./kinds.js').ChartKind} kind
 * @param {(index: number | null) => void} onCursor
 */
export function chart(uPlot, kind, onCursor) {
  const marks = kind.lines.map(({ name, colour }) => {
    const swatch = element('span', { class: 'swatch', 'data-colour': colour, 'aria-hidden': 'true' });
    const value = element('span', { class: 'value' }, '–');
    return { swatch, value, node: element('span', { class: 'reading' }, swatch, `${name} `, value) };
  });
  const place = element('div', { class: 'plot' });
  const caption = element('figcaption', {}, element('h3', {}, kind.title), ...marks.map(({ node }) => node));
  const figure = element('figure', { class: 'card chart' }, caption, place);
  const colourOf = (/** @type {number} */ index) => getComputedStyle(marks[index].swatch).backgroundColor;
  const soft = () => getComputedStyle(place).color;
  const grid = () => getComputedStyle(place).borderTopColor;

  /** @type {(number | null)[][]} */
  let lines = [];
  /** @type {number[]} */
  let times = [];
  /** @type {(readonly [number, number])[]} */
  let approximate = [];
  // Of a stack the highest line is drawn first, and the others upon it.
  const order = kind.lines.map((_, index) => (kind.isStacked ? kind.lines.length - 1 - index : index));

  const axis = {
    stroke: soft,
    font: '11px system-ui, sans-serif',
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
  const plot = new uPlot(
    {
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
        y: {
          range: (/** @type {any} */ _plot, /** @type {any} */ _least, /** @type {number | null} */ most) => [
            0,
            most === null || most <= 0 ? 1 : most * 1.12,
          ],
        },
      },
      axes: [
        {
          ...axis,
          space: 64,
          size: 24,
          values: (/** @type {any} */ _plot, /** @type {number[]} */ at) =>
            at.map((each) => clockTime(each * 1000).slice(0, 5)),
        },
        {
          ...axis,
          space: 32,
          size: AXIS_WIDTH,
          values: (/** @type {any} */ _plot, /** @type {number[]} */ at) =>
            at.map((each) => (each === 0 ? '0' : kind.words(each).replace('.00', ''))),
        },
      ],
      series: [
        {},
        ...order.map((index) => ({
          stroke: () => colourOf(index),
          width: kind.isStacked ? 0 : 1.6,
          ...(kind.isStacked ? { fill: () => colourOf(index), paths: uPlot.paths.stepped({ align: 1 }) } : {}),
          points: { show: false },
        })),
      ],
      hooks: {
        drawAxes: [(/** @type {any} */ self) => drawSpans(self, approximate, spanColours())],
        setCursor: [
          (/** @type {any} */ self) => {
            const index = self.cursor.idx ?? null;
            read(index);
            onCursor(index);
          },
        ],
      },
    },
    [[], ...order.map(() => [])],
    place,
  );
  new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false, true));

  /** @param {number | null} index null: the latest */
  function read(index) {
    const at = index ?? times.length - 1;
    for (const [line, { value }] of marks.entries()) {
      const number = lines[line]?.[at];
      setText(value, number === null || number === undefined ? '–' : kind.words(number));
    }
  }

  return {
    figure,
    /** @param {any} answer of `/api/history` @param {readonly number[]} at the beginnings of its steps, in s */
    draw: ({ series, stepSeconds, until, approximate: marked = [] }, at) => {
      times = [...at];
      approximate = spansOf(marked, times, stepSeconds);
      lines = kind.lines.map(({ values }) => [...values(series, stepSeconds)]);
      const drawn = kind.isStacked ? stacked(lines) : lines;
      const end = Date.parse(until) / 1000;
      plot.batch(() => {
        plot.setData([times, ...order.map((index) => drawn[index])], false);
        plot.setScale('x', {
          min: Math.max(end - HOUR_SECONDS, Math.min(times[0] ?? end, end - LEAST_SECONDS)),
          max: end,
        });
      });
      read(plot.cursor.idx ?? null);
      place.setAttribute('role', 'img');
      place.setAttribute(
        'aria-label',
        `${kind.title} of the last hour${approximate.length > 0 ? ', in part approximate' : ''}; the values stand above, those of another time by the slider below`,
      );
    },
    /** @param {number | null} index */
    point: (index) => {
      if (index === null || times[index] === undefined) plot.setCursor({ left: -10, top: -10 }, true, false);
      else plot.setCursor({ left: plot.valToPos(times[index], 'x'), top: 10 }, true, false);
    },
  };
}

/** Those of the sign before the words that explain them. */
function spanColours() {
  const { backgroundColor: tint, borderBottomColor: bar } = getComputedStyle(byId('approximate-sign'));
  return { tint, bar };
}

/** Each line upon those before it. @param {(number | null)[][]} lines */
function stacked(lines) {
  const sums = /** @type {(number | null)[]} */ ([]);
  return lines.map((line) =>
    line.map((value, index) => {
      if (value !== null) sums[index] = (sums[index] ?? 0) + value;
      return value === null ? null : sums[index];
    }),
  );
}
