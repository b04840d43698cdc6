/**
 * What the outside can tell the primary by signals, and by pm2's `shutdown` message. Told twice to stop, it stops at
 * once.
 */
import type { Clock } from '../shared/clock.ts';

/** A Ctrl-C under npm arrives twice, from the terminal and from npm: that is one wish, not two. */
const SAME_WISH_MS = 500;

interface SignalActions {
  /** Lets open requests finish. */
  stop(): void;
  /** Ends everything now. */
  kill(): void;
  reload(): void;
  roll(): void;
}

/** Obeys from now on, until the returned function is called. */
export function obeySignals(actions: SignalActions, clock: Clock): () => void {
  let stoppedAtMs: number | null = null;
  const stop = () => {
    if (stoppedAtMs === null) {
      stoppedAtMs = clock.nowMs();
      actions.stop();
    } else if (clock.nowMs() - stoppedAtMs > SAME_WISH_MS) {
      actions.kill();
    }
  };
  const onMessage = (message: unknown) => {
    if (message === 'shutdown') stop();
  };
  const handlers = { SIGINT: stop, SIGTERM: stop, SIGHUP: actions.reload, SIGUSR2: actions.roll } as const;
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  process.on('message', onMessage);
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
    process.off('message', onMessage);
  };
}
