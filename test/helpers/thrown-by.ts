/** Runs what must throw, for tests of what an error says. */

/** The error, which must be of that class: another one is thrown on. */
export function thrownBy<Kind extends Error>(
  kind: abstract new (...details: never[]) => Kind,
  act: () => unknown,
): Kind {
  try {
    act();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
