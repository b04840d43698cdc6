/**
 * Keeps what is about to be pressed where it is: a drawing waits while something is held down, and what stands under the
 * pointer stays under it although lines come and go above.
 */
import { byId } from '../dom/elements.js';

/** However long it is held down: what is shown must not grow old. */
const MOST_MS = 2_000;

/**
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
  const held = document.querySelector('main button:hover, main a:hover, main select:hover');
  const verdict = byId('verdict');
  // At the top of the page nothing can be scrolled back, so the verdict does not shrink meanwhile.
  verdict.style.minHeight = held === null ? '' : `${verdict.offsetHeight}px`;
  const before = held?.getBoundingClientRect().top ?? 0;
  draw(value);
  if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - before, behavior: 'instant' });
}
