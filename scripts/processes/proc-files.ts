/** What Linux says about running processes, from /proc. A process that has ended has no answers: lists are empty. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Pids of all processes of this machine. */
export function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** The fields of `stat` after the name, which may itself hold spaces: state, parent, group, … */
export function statFields(pid: number): string[] {
  const text = readOr(`/proc/${pid}/stat`, '');
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The process group of a process; null if it has ended or is a zombie. */
export function groupOf(pid: number): number | null {
  const [state, , group] = statFields(pid);
  return group === undefined || state === 'Z' ? null : Number(group);
}

/** `root` and all processes below it. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = Number(statFields(pid)[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** The environment that a process was started with: `NAME=value` entries, each ended by a zero byte. */
export function environmentOf(pid: number): string {
  return readOr(`/proc/${pid}/environ`, '');
}

/** The command line of a process, its words ended by zero bytes. */
export function commandOf(pid: number): string {
  return readOr(`/proc/${pid}/cmdline`, '');
}

/** The working folder of a process; null if it has ended. */
export function workingFolderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended, or belongs to another user.
    return otherwise;
  }
}
