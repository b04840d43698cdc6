/** The process in which a library runs: a case goes in as a line, what the library made of it comes out as one. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { asRecord, type JsonRecord, parseJson } from '../../../src/shared/json.ts';
import { ProcessGroup } from '../../processes/process-group.ts';

const WITHIN_MS = 60_000;

export class DriverProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #group: ProcessGroup;
  readonly #lines: Interface;
  #errorOutput = '';

  /** Starts `command`, a program with its arguments, in `folder`. */
  constructor(command: readonly [string, ...string[]], folder: string, env: Record<string, string>) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#group = new ProcessGroup(this.#child);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-4000);
    });
  }

  /** What the library made of a case. Rejects if its process dies or is silent for a minute. */
  async outcome(given: JsonRecord): Promise<JsonRecord> {
    const ended = new AbortController();
    const limit = setTimeout(() => this.#group.signal('SIGKILL'), WITHIN_MS);
    try {
      const answered = once(this.#lines, 'line', { signal: ended.signal });
      const closed = once(this.#lines, 'close', { signal: ended.signal }).then(() => {
        throw new Error(`the driver died, or was silent for ${WITHIN_MS} ms: ${this.#errorOutput}`);
      });
      this.#child.stdin.write(`${JSON.stringify(given)}\n`);
      const [line] = await Promise.race([answered, closed]);
      const outcome = asRecord(parseJson(String(line)));
      if (outcome === null) throw new Error(`the driver wrote no outcome but: ${line}`);
      return outcome;
    } finally {
      clearTimeout(limit);
      ended.abort();
    }
  }

  end(): Promise<void> {
    return this.#group.end();
  }
}
