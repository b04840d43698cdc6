/**
 * The only file that reads the system's clocks. All other code takes a `Clock` or a plain `nowMs`, so that policies are
 * pure and tests need no fake timers.
 */

/** A handle of `Clock.after` and `Clock.every`; `cancel` may be called at any time and more than once. */
export interface Timer {
  cancel(): void;
}

/** Time for the whole product. `nowMs` is monotonic and has no epoch; `wallMs` is for people and files only. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970; may jump. */
  wallMs(): number;
  /** Runs `callback` once after `delayMs`, where less than 0 means 0. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Runs `callback` every `periodMs`. The timer does not keep the process alive. */
  every(periodMs: number, callback: () => void): Timer;
}

/** Node's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.max(0, delayMs));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, callback) {
    const handle = setInterval(callback, periodMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};

/** The kernel's monotonic clock, which all processes of the host share, in microseconds. */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}

/** Resolves after `delayMs`, or as soon as `signal` aborts; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal?.addEventListener('abort', done);
  });
}

/** Resolves when the task has ended, or after `limitMs`: then it goes on by itself. Rejects if the task does before. */
export async function atMost(clock: Clock, limitMs: number, task: Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const late = clock.after(limitMs, limit.resolve);
  await Promise.race([task, limit.promise]).finally(() => late.cancel());
}

/** Resolves after `delayMs` and keeps the process alive until then, for commands that wait for nothing else. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
