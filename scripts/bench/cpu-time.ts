/**
 * What processes have used of the machine, from /proc. CPU time is the scheduler's own count in ns (`schedstat`) over
 * all threads; where the kernel keeps none, the ticks of 10 ms in `stat`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const TICK_US = 10_000;
const inNanoseconds = existsSync('/proc/self/schedstat');

/** CPU time of these processes since they began, user and system, in µs. */
export function cpuMicroseconds(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (inNanoseconds ? scheduled(pid) : ticked(pid)), 0);
}

/** `root` and all processes below it. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** A share of one core, as text. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
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

/** The fields of `stat` behind the name, which may itself hold spaces; none of a process that has just ended. */
function statFields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
