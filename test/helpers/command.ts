/** Runs the `headgate` command from its source, as a process of its own in a folder of its own. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/shared/clock.ts';

/** How long a command may take to end when told to. */
const GRACE_MS = 10_000;

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A working folder, its environment, and what was started there. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'headgate-command-'));
  readonly #started: ChildProcess[] = [];
  readonly #environment: Readonly<Record<string, string>>;

  constructor(files: Readonly<Record<string, string>> = {}, environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  /** Puts a file into the folder. */
  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content);
  }

  /** Starts the command; `nodeFlags` go before the script. */
  start(given: readonly string[], nodeFlags: readonly string[] = []): ChildProcessByStdio<null, Readable, Readable> {
    const child = spawn(process.execPath, [...nodeFlags, main, ...given], {
      cwd: this.folder,
      // Nothing of the tester's own environment decides.
      env: { PATH: process.env.PATH, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    return child;
  }

  /** Runs the command to its end. */
  async run(given: readonly string[], nodeFlags: readonly string[] = []): Promise<Outcome> {
    const child = this.start(given, nodeFlags);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  /** Ends what still runs, and removes the folder. */
  async leave(): Promise<void> {
    for (const child of this.#started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // A gateway that is killed would leave its workers behind.
      child.kill('SIGTERM');
      const kill = systemClock.after(GRACE_MS, () => child.kill('SIGKILL'));
      await ended;
      kill.cancel();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The first line of a stream that holds `part`; rejects when the stream ends without it. It goes on being read. */
export function lineWith(stream: NodeJS.ReadableStream, part: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      seen += chunk;
      const whole = seen.slice(0, seen.lastIndexOf('\n') + 1).split('\n');
      const line = whole.find((candidate) => candidate.includes(part));
      if (line !== undefined) resolve(line);
    });
    stream.on('end', () => reject(new Error(`no line with ${part} in: ${seen}`)));
  });
}
