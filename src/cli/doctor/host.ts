/** What the gateway needs of this host: open files, the kernel's settings, memory. Reads `/proc` and nothing else. */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Config } from '../../shared/config.ts';
import { readDescriptors } from '../../shared/http/descriptors.ts';
import { type Finding, fine } from './finding.ts';

/** Open files that are enough: every connection of a client may need another one to a provider. */
export const ENOUGH_FILES = 16_384;

/** What a worker has without load, with room for a load. */
const WORKER_BYTES = 200 * 1024 ** 2;

/** All findings about the host. */
export function hostFindings(config: Config | null): Finding[] {
  return [nodeFinding(), filesFinding(), ...kernelFindings(), ...(config === null ? [] : sizeFindings(config))];
}

function nodeFinding(): Finding {
  // Older ones do not come so far: the command ends before it loads this.
  return fine('node', `${process.versions.node} on ${process.platform}, ${process.arch}`);
}

function filesFinding(): Finding {
  const descriptors = readDescriptors();
  if (descriptors === null) {
    const cure = 'Linux is what the gateway is made for: elsewhere it serves, for development';
    return { level: 'note', part: 'open files', what: 'this system does not tell its limit', cure };
  }
  const { limit } = descriptors;
  if (limit >= ENOUGH_FILES) return fine('open files', `at most ${limit}`);
  const cure = `raise it: LimitNOFILE=65536 in a systemd unit, \`ulimit -Hn\` in a shell, ulimits in a compose file`;
  const what = `at most ${limit}, so a worker holds at most ${Math.floor(limit / 2)} connections of clients`;
  return { level: 'warn', part: 'open files', what, cure };
}

interface Setting {
  readonly name: string;
  readonly isGood: (value: number) => boolean;
  readonly why: string;
  readonly good: number;
}

const settings: readonly Setting[] = [
  {
    name: 'net.ipv4.tcp_migrate_req',
    isGood: (value) => value === 1,
    good: 1,
    why: 'connections that wait at a worker that ends are lost',
  },
  {
    name: 'net.core.somaxconn',
    isGood: (value) => value >= 1024,
    good: 4096,
    why: 'a burst of new connections may be refused',
  },
];

function kernelFindings(): Finding[] {
  return settings.flatMap(({ name, isGood, good, why }): Finding[] => {
    const value = readNumber(`/proc/sys/${name.replaceAll('.', '/')}`);
    if (value === null) return [];
    if (isGood(value)) return [fine('kernel', `${name} is ${value}`)];
    const cure = `sysctl -w ${name}=${good}, and deploy/90-headgate-sysctl.conf into /etc/sysctl.d`;
    return [{ level: 'note', part: 'kernel', what: `${name} is ${value}: ${why}`, cure }];
  });
}

function sizeFindings({ workers }: Config): Finding[] {
  const cores = availableParallelism();
  const limit = Math.min(totalmem(), readNumber('/sys/fs/cgroup/memory.max') ?? Number.POSITIVE_INFINITY);
  const found: Finding[] = [];
  if (workers > cores) {
    const cure = 'set workers: auto, or no more than there are cores';
    found.push({ level: 'warn', part: 'workers', what: `${workers} for ${cores} cores`, cure });
  } else found.push(fine('workers', `${workers} for ${cores} cores`));
  const needed = (workers + 1) * WORKER_BYTES;
  const shown = `${Math.floor(limit / 1024 ** 2)} MB for ${workers} workers and the primary`;
  if (needed <= limit) return [...found, fine('memory', shown)];
  const cure = `give it ${Math.ceil(needed / 1024 ** 2)} MB, or fewer workers`;
  return [...found, { level: 'warn', part: 'memory', what: shown, cure }];
}

/** The number in a file; null where there is none, as in `max`. */
function readNumber(file: string): number | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d+$/.test(text) ? Number(text) : null;
  } catch {
    // Another system, or a sandbox without it.
    return null;
  }
}
