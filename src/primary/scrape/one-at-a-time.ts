/**
 * Shares one piece of slow work among all who ask for it. The work has a moment at which it looks at the world: who
 * asks before it shares the result, who asks after it would get a view older than his question.
 */

/**
 * Makes a function that runs `work` at most once at a time. `work` calls `taken` at its moment. Those who ask after it
 * share one next run, or, where `mayWait` says no, take the present one as it is.
 */
export function oneAtATime<T>(work: (taken: () => void) => Promise<T>, mayWait: () => boolean): () => Promise<T> {
  let current: { readonly state: { taken: boolean }; readonly result: Promise<T> } | null = null;
  let next: Promise<T> | null = null;

  const start = (): Promise<T> => {
    const state = { taken: false };
    const result = work(() => {
      state.taken = true;
    }).finally(() => {
      current = null;
    });
    current = { state, result };
    return result;
  };

  return () => {
    if (next !== null) return next;
    if (current === null) return start();
    if (!current.state.taken || !mayWait()) return current.result;
    const startNext = () => {
      next = null;
      return start();
    };
    // Whether the present run fails is the business of those who asked for it.
    next = current.result.then(startNext, startNext);
    return next;
  };
}
