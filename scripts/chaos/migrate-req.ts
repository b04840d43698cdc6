/**
 * Runs a case a second time with the other value of `net.ipv4.tcp_migrate_req`. This happens in a network namespace of
 * its own, so the host's setting is never touched. It needs root and `ip`; without them the finding is left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { atExit } from '../processes/clean-up.ts';
import { type ChaosRun, type Finding, guarantees } from './chaos-case.ts';

const setting = '/proc/sys/net/ipv4/tcp_migrate_req';
const program = fileURLToPath(new URL('main.ts', import.meta.url));

/** The value on this machine, or `unknown`. */
export function migratesRequests(): string {
  try {
    return readFileSync(setting, 'utf8').trim();
  } catch {
    // Not Linux, or an old kernel.
    return 'unknown';
  }
}

/** Runs the case of that name in a namespace with the other value, and takes its findings. */
export async function otherState(run: ChaosRun, caseName: string): Promise<void> {
  const wanted = migratesRequests() === '1' ? '0' : '1';
  const leaveOut = (why: string) => run.leaveOut(guarantees.withoutPrimary, `tcp_migrate_req ${wanted}: ${why}`);
  if (process.getuid?.() !== 0) return leaveOut('a network namespace needs root');
  const name = `headgate-chaos-${process.pid}`;
  const created = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (created.status !== 0) return leaveOut(created.error?.message ?? created.stderr.trim());
  const remove = () => void spawnSync('ip', ['netns', 'del', name]);
  const cancel = atExit(remove);
  try {
    const script = `ip link set lo up && echo ${wanted} > ${setting}`;
    const prepared = spawnSync('ip', ['netns', 'exec', name, 'sh', '-c', script]);
    if (prepared.status !== 0) return leaveOut('the namespace cannot be prepared');
    await runInside(run, name, [program, '--only', caseName, '--as-it-is', ...(run.short ? ['--short'] : [])]);
  } finally {
    cancel();
    remove();
  }
}

/** The run inside ends by itself, with all that it has started, when the channel to this process closes. */
async function runInside(run: ChaosRun, namespace: string, command: readonly string[]): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...command], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let taken = 0;
  child.on('message', (finding: Finding) => {
    taken += 1;
    run.take(finding);
  });
  await once(child, 'close');
  if (taken === 0) throw new Error('nothing was found in the network namespace');
}
