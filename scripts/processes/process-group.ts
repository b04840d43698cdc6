/**
 * A child process with everything that it starts, as one process group. The group can be signalled and ended as a
 * whole, and it is killed when this process exits.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { atExit } from './clean-up.ts';
import { allPids, groupOf } from './proc-files.ts';

/** One group, by its leader. */
export class ProcessGroup {
  readonly #leader: ChildProcess;
  readonly #cancel: () => void;
  #isOver = false;

  /** @param leader must have been started with `detached: true`, which gives it a group of its own */
  constructor(leader: ChildProcess) {
    this.#leader = leader;
    this.#cancel = atExit(() => this.signal('SIGKILL'));
  }

  /** The pid of the leader, which is also the number of the group; 0 if it could not be started. */
  get pid(): number {
    return this.#leader.pid ?? 0;
  }

  /** Whether the leader has ended; others of the group may still run. */
  get hasEnded(): boolean {
    return this.#leader.exitCode !== null || this.#leader.signalCode !== null;
  }

  /** Pids of the group that still run. */
  members(): readonly number[] {
    return allPids().filter((pid) => groupOf(pid) === this.pid);
  }

  /** Sends a signal to every process of the group, if there is one. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // No process of the group is left.
    }
  }

  /** Kills all of the group. Resolves when the leader is gone. Does nothing the second time. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    const exited = this.pid === 0 || this.hasEnded ? null : once(this.#leader, 'exit');
    this.signal('SIGKILL');
    await exited;
    this.#isOver = true;
    this.#cancel();
  }
}
