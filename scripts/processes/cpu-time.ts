/**
 * CPU time of processes, from /proc: the scheduler's own count in ns (`schedstat`) over all threads. Where the kernel
 * keeps none, the ticks of 10 ms in `stat`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statFields } from './proc-files.ts';

const TICK_US = 10_000;
const inNanoseconds = existsSync('/proc/self/schedstat');

/** CPU time of these processes since their start, user and system, in µs. */
export function cpuMicroseconds(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (inNanoseconds ? scheduled(pid) : ticked(pid)), 0);
}

function scheduled(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((total, thread) => {
    const [ran = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return total + Number(ran) / 1000;
  }, 0);
}

function ticked(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
