/** Processor time of this thread, which other processes of the host do not change as they change a clock's. */

/**
 * Microseconds of each call in a round. A round must be long beside the ticks in which the system counts: some milliseconds.
 *
 * @param times how often it is called, from 1
 */
export function microsOf(times: number, run: () => unknown): number {
  const before = process.threadCpuUsage();
  for (let count = 0; count < times; count += 1) run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / times;
}

/** The least microseconds of each call in several rounds, as for `microsOf`: what else the machine does only adds. */
export function leastMicros(rounds: number, times: number, run: () => unknown): number {
  return Math.min(...Array.from({ length: rounds }, () => microsOf(times, run)));
}
