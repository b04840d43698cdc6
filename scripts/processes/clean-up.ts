/**
 * What must not outlive this process: process groups, temporary folders and the like register here and are removed when
 * the process exits, also after an uncaught error, SIGINT, SIGTERM or SIGHUP. Only SIGKILL prevents it.
 *
 * Every clean-up is synchronous, because a process that exits waits for nothing.
 */
const pending = new Set<() => void>();

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

process.on('exit', () => {
  // The newest first: a folder is removed after the processes that were started in it.
  for (const cleanUp of [...pending].reverse()) {
    try {
      cleanUp();
    } catch (error) {
      // The others must run too.
      console.error(error);
    }
  }
});

function exit(): void {
  process.exit(1);
}

/** Calls `cleanUp` when this process exits. Returns a function that cancels that. */
export function atExit(cleanUp: () => void): () => void {
  // Signals keep their default effect while nothing is pending.
  if (pending.size === 0) for (const signal of signals) process.on(signal, exit);
  pending.add(cleanUp);
  return () => {
    pending.delete(cleanUp);
    if (pending.size === 0) for (const signal of signals) process.off(signal, exit);
  };
}
