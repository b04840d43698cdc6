/**
 * How many processors this process may use at the same time: those that it may run on, and no more than the CPU quota
 * of its cgroup and of the cgroups above. A container with a tenth of 64 processors is not helped by 64 workers.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

/** A mounted hierarchy that may limit CPU time. */
interface Hierarchy {
  readonly version: 1 | 2;
  /** The cgroup that is seen at `mountPoint`. */
  readonly root: string;
  readonly mountPoint: string;
}

/** At least 1. `root` is where the file system begins, for tests. */
export function availableProcessors(root = '/', processors = availableParallelism()): number {
  const quotas = hierarchies(root).flatMap((hierarchy) => quotasOf(hierarchy, root));
  return Math.max(1, Math.min(processors, Math.ceil(Math.min(...quotas, processors))));
}

/** Quotas in processors, of the cgroup of this process in a hierarchy and of all above that can be seen. */
function quotasOf(hierarchy: Hierarchy, root: string): number[] {
  const { mountPoint } = hierarchy;
  const quotas: number[] = [];
  for (let folder = folderOfCgroup(hierarchy, root); ; folder = path.dirname(folder)) {
    const quota = quotaIn(path.join(root, folder), hierarchy.version);
    if (quota !== null) quotas.push(quota);
    if (folder === mountPoint || folder === path.dirname(folder)) return quotas;
  }
}

/** Null where the cgroup has no quota of its own. */
function quotaIn(folder: string, version: 1 | 2): number | null {
  const [quota, period] =
    version === 2
      ? (read(path.join(folder, 'cpu.max')) ?? '').split(' ')
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => read(path.join(folder, name)) ?? '');
  const processors = Number.parseInt(quota ?? '', 10) / Number.parseInt(period ?? '', 10);
  return processors > 0 && Number.isFinite(processors) ? processors : null;
}

/** Lines of mountinfo: `29 23 0:26 /root /mount/point rw - cgroup2 cgroup2 rw`. */
function hierarchies(root: string): Hierarchy[] {
  const lines = (read(path.join(root, 'proc/self/mountinfo')) ?? '').split('\n');
  return lines.flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , cgroup = '', mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') return [{ version: 2, root: cgroup, mountPoint }];
    return type === 'cgroup' && options.split(',').includes('cpu') ? [{ version: 1, root: cgroup, mountPoint }] : [];
  });
}

/** Lines of /proc/self/cgroup: `0::/path` for version 2, `4:cpu,cpuacct:/path` for version 1. */
function folderOfCgroup({ version, root: top, mountPoint }: Hierarchy, root: string): string {
  const lines = (read(path.join(root, 'proc/self/cgroup')) ?? '').split('\n').map((line) => line.split(':'));
  const line = lines.find(([id, controllers = '']) =>
    version === 2 ? id === '0' && controllers === '' : controllers.split(',').includes('cpu'),
  );
  const cgroup = line?.slice(2).join(':') ?? '/';
  const below = path.posix.relative(top, cgroup);
  // In a container, the path may be the host's, which cannot be seen: what is mounted is the container's own.
  return below.startsWith('..') ? mountPoint : path.join(mountPoint, below);
}

/** Null where there is no such file: no Linux, no cgroups, or no limit. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
