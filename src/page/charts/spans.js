/**
 * Spans of the hour that a chart marks: steps whose counts are approximate. They are drawn below the lines, as a tint with a
 * bar at its foot, which can be seen where the tint is faint.
 */

/** @typedef {readonly [number, number]} Span its beginning and end in s */

const BAR = 3;

/**
 * The spans, each from the beginning of its first step to the end of its last one.
 *
 * @param {readonly boolean[]} marked of each step @param {readonly number[]} times beginnings @param {number} stepSeconds
 * @returns {readonly Span[]}
 */
export function spansOf(marked, times, stepSeconds) {
  /** @type {Span[]} */
  const spans = [];
  for (const [index, time] of times.entries()) {
    if (marked[index] !== true) continue;
    const before = marked[index - 1] === true ? spans.pop() : undefined;
    spans.push([before?.[0] ?? time, time + stepSeconds]);
  }
  return spans;
}

/**
 * Draws them.
 *
 * @param {import('uplot')} plot @param {readonly Span[]} spans
 * @param {{ tint: string, bar: string }} colours
 */
export function drawSpans(plot, spans, { tint, bar }) {
  const { ctx, bbox } = plot;
  const height = BAR * devicePixelRatio;
  for (const [from, to] of spans) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const width = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true)) - left;
    if (width <= 0) continue;
    ctx.fillStyle = tint;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = bar;
    ctx.fillRect(left, bbox.top + bbox.height - height, width, height);
  }
}
