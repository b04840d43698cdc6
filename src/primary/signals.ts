/**
 * Signals that the primary handles, and pm2's `shutdown` message. The first stop signal drains; a second one ends
 * everything immediately. SIGHUP reloads, unless it says that the terminal of the gateway has been closed.
 */
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../shared/clock.ts';

/** Stop signals within this time count as one: under npm, a Ctrl-C arrives from the terminal and from npm. */
const SAME_STOP_MS = 500;

interface SignalActions {
  /** Lets open requests finish. */
  stop(): void;
  /** Ends everything now. */
  kill(): void;
  reload(): void;
  roll(): void;
}

/**
 * Handles signals from now on. After a call of the returned function they do nothing: while the process ends, one more
 * signal must not make its exit look like a crash.
 */
export function handleSignals(actions: SignalActions, clock: Clock): () => void {
  let stoppedAtMs: number | null = null;
  let over = false;
  const stop = () => {
    if (stoppedAtMs === null) {
      stoppedAtMs = clock.nowMs();
      actions.stop();
    } else if (clock.nowMs() - stoppedAtMs > SAME_STOP_MS) {
      actions.kill();
    }
  };
  const onMessage = (message: unknown) => {
    if (message === 'shutdown') stop();
  };
  const isHungUp = process.stdout.isTTY === true ? hasNoTerminal : () => false;
  const hangUp = () => (isHungUp() ? stop() : actions.reload());
  const handlers = { SIGINT: stop, SIGTERM: stop, SIGHUP: hangUp, SIGUSR2: actions.roll } as const;
  for (const [signal, handler] of Object.entries(handlers)) {
    process.on(signal, () => {
      if (!over) handler();
    });
  }
  process.on('message', onMessage);
  return () => {
    over = true;
    // It would keep the process alive.
    process.off('message', onMessage);
  };
}

function hasNoTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    // ENXIO: this session has none any more.
    return true;
  }
}
