/**
 * Reads a `.cpuprofile` of V8: the time spent in each function itself (self) and in it with everything it calls
 * (inclusive; a recursive function counts once), as shares of the time that was not idle.
 */
import { basename } from 'node:path';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

/** The parts of V8's format that are read here; times in µs. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Shares {
  readonly busyMs: number;
  /** Shares of busy time by function, largest first. */
  readonly self: readonly (readonly [string, number])[];
  readonly inclusive: readonly (readonly [string, number])[];
  /** Self time by origin of the code: a file of ours, a package, a module of Node, V8 itself. */
  readonly origins: readonly (readonly [string, number])[];
}

const IDLE = new Set(['(idle)', '(program)', '(root)']);

/** Sums the samples of a profile up. */
export function sharesOf(profile: CpuProfile): Shares {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const perNode = new Map<number, number>();
  profile.samples.forEach((id, index) => {
    perNode.set(id, (perNode.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  const self = new Map<string, number>();
  const inclusive = new Map<string, number>();
  const origins = new Map<string, number>();
  let busy = 0;
  for (const [id, time] of perNode) {
    const node = byId.get(id);
    if (node === undefined || IDLE.has(node.callFrame.functionName)) continue;
    busy += time;
    add(self, nameOf(node.callFrame), time);
    add(origins, originOf(node.callFrame), time);
    const callers = new Set<string>();
    for (let at: ProfileNode | undefined = node; at !== undefined; at = parents.get(at.id)) {
      if (!IDLE.has(at.callFrame.functionName)) callers.add(nameOf(at.callFrame));
    }
    for (const caller of callers) add(inclusive, caller, time);
  }
  const ranked = (times: Map<string, number>) =>
    [...times].map(([name, time]) => [name, time / busy] as const).sort(([, one], [, other]) => other - one);
  return { busyMs: busy / 1000, self: ranked(self), inclusive: ranked(inclusive), origins: ranked(origins) };
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === ''
    ? name
    : `${name}  ${originOf({ functionName, url, lineNumber })} ${basename(url)}:${lineNumber + 1}`;
}

function originOf({ functionName, url }: CallFrame): string {
  const ofPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (ofPackage !== undefined) return ofPackage;
  const ours = /\/dist\/(.+)\.js$/.exec(url)?.[1];
  if (ours !== undefined) return `headgate ${ours}`;
  if (url !== '') return url;
  return functionName.startsWith('(') ? `V8 ${functionName}` : 'V8 and libuv, native';
}
