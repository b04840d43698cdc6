/**
 * Runs the `headgate` command from its source, each time as a process, in a folder and an environment of the test's.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import { temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';
import { systemClock } from '../../src/shared/clock.ts';

/** How long a command may take to end after a SIGTERM. */
const GRACE_MS = 10_000;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A working folder, its environment, and the commands that run there. */
export class Workplace {
  readonly #temporary = temporaryFolder('command');
  readonly folder = this.#temporary.folder;
  readonly #started: { readonly child: ChildProcess; readonly group: ProcessGroup }[] = [];
  readonly #environment: Readonly<Record<string, string>>;

  constructor(files: Readonly<Record<string, string>> = {}, environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  /** Writes a file into the folder. */
  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content);
  }

  /** Starts the command. @param nodeFlags flags of Node, before the script */
  start(given: readonly string[], nodeFlags: readonly string[] = []): ChildProcessByStdio<null, Readable, Readable> {
    const child = spawn(process.execPath, [...nodeFlags, commandScript(false), ...given], {
      cwd: this.folder,
      // Nothing of the developer's environment may have an effect.
      env: { PATH: process.env.PATH, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#started.push({ child, group: new ProcessGroup(child) });
    return child;
  }

  /** Runs the command to its end. */
  async run(given: readonly string[], nodeFlags: readonly string[] = []): Promise<Outcome> {
    const child = this.start(given, nodeFlags);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  /** Ends every command that still runs, and removes the folder. */
  async leave(): Promise<void> {
    for (const { child, group } of this.#started) {
      if (!group.hasEnded) {
        // In order, if it can: only then does it write its coverage.
        child.kill('SIGTERM');
        const kill = systemClock.after(GRACE_MS, () => group.signal('SIGKILL'));
        await new Promise((resolve) => child.once('exit', resolve));
        kill.cancel();
      }
      await group.end();
    }
    this.#temporary.remove();
  }
}
