/**
 * Keeps what is about to be pressed where it is: a drawing waits while something is held down, and what stands under the
 * pointer stays under it although lines come and go above.
 */

/** However long it is held down: what is shown must not grow old. */
const MOST_MS = 2_000;

/**
 * Makes a drawing such a one.
 *
 * @template T
 * @param {(value: T) => void} draw
 * @returns {(value: T) => void} draws the latest value, at once or after the release
 */
export function steadily(draw) {
  let pressedAtMs = Number.NEGATIVE_INFINITY;
  /** @type {{ value: T } | null} */
  let waiting = null;
  const release = () => {
    pressedAtMs = Number.NEGATIVE_INFINITY;
    // The click comes after this event.
    setTimeout(() => {
      if (waiting !== null) drawInPlace(draw, waiting.value);
      waiting = null;
    });
  };
  const press = () => {
    pressedAtMs = performance.now();
  };
  addEventListener('pointerdown', press, true);
  addEventListener('pointerup', release, true);
  addEventListener('pointercancel', release, true);
  return (value) => {
    if (performance.now() - pressedAtMs < MOST_MS) waiting = { value };
    else drawInPlace(draw, value);
  };
}

/**
 * @template T
 * @param {(value: T) => void} draw
 * @param {T} value
 */
function drawInPlace(draw, value) {
  const main = /** @type {HTMLElement} */ (document.querySelector('main'));
  const held = main.querySelector('button:hover, a:hover, select:hover');
  if (held === null) {
    main.style.paddingTop = '';
    return draw(value);
  }
  const place = () => held.getBoundingClientRect().top;
  const before = place();
  draw(value);
  // It may have gone itself.
  if (held.getClientRects().length === 0) return;
  scrollBy({ top: place() - before, behavior: 'instant' });
  // At the top of the page nothing can be scrolled back: then room is left above, until the pointer has gone.
  const missing = before - place();
  if (missing > 0.5) main.style.paddingTop = `${Number.parseFloat(main.style.paddingTop || '0') + missing}px`;
}
