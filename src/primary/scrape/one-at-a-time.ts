/**
 * Shares one slow run among all callers. A run reads its inputs at one moment. A caller before that moment shares the
 * result; for a caller after it, the result would be older than the call.
 */

/**
 * Makes a function that runs `work` at most once at a time. `work` calls `taken` when it reads its inputs. Callers
 * after that share one next run, or the present one if `mayWait` returns false.
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
    // An error of the present run is for its own callers only.
    next = current.result.then(startNext, startNext);
    return next;
  };
}
