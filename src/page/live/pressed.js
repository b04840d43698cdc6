/** Holds a drawing back while something is pressed, so that a button does not move away between press and release. */

/** However long it is held: what is shown must not grow old. */
const MOST_MS = 2_000;

/**
 * @template T
 * @param {(value: T) => void} draw
 * @returns {(value: T) => void} draws the latest value, at once or after the release
 */
export function whileNotPressed(draw) {
  let pressedAtMs = Number.NEGATIVE_INFINITY;
  /** @type {{ value: T } | null} */
  let waiting = null;
  const release = () => {
    pressedAtMs = Number.NEGATIVE_INFINITY;
    // The click comes after this event.
    setTimeout(() => {
      if (waiting !== null) draw(waiting.value);
      waiting = null;
    });
  };
  addEventListener(
    'pointerdown',
    () => {
      pressedAtMs = performance.now();
    },
    true,
  );
  addEventListener('pointerup', release, true);
  addEventListener('pointercancel', release, true);
  return (value) => {
    if (performance.now() - pressedAtMs < MOST_MS) waiting = { value };
    else draw(value);
  };
}
