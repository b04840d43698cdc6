/**
 * Signals to a process that is not ready for them. It is loaded before everything else, since the default action of each
 * would end the process, or open Node's debugger.
 */
import { startThreadPool } from '../shared/thread-pool.ts';

/** Whether SIGHUP has come before the gateway could obey it. */
let reloadWanted = false;

/** To be called first. The listeners stay to the end: without one the default action would be back. */
export function catchEarlySignals(given: readonly string[]): void {
  // Node would open its debugger on port 9229, where any user of the host may run code as this process. Log rotation,
  // for one, sends this signal.
  process.on('SIGUSR1', () => undefined);
  if (given[0] !== 'serve') return;
  process.on('SIGUSR2', () => undefined);
  process.on('SIGHUP', () => {
    // Later there is another listener, which reloads.
    if (process.listenerCount('SIGHUP') === 1) reloadWanted = true;
  });
  // After the listeners: it takes longer than they do.
  startThreadPool();
}

/** To be called when the gateway obeys signals: repeats a SIGHUP that came before. */
export function repeatEarlySignals(): void {
  if (!reloadWanted) return;
  reloadWanted = false;
  process.kill(process.pid, 'SIGHUP');
}
