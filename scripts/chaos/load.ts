/** A case's end of the process that makes load. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Latencies, LoadAnswer, LoadQuestion, LoadSpec, Tally } from './load-protocol.ts';

const program = fileURLToPath(new URL('load-process.ts', import.meta.url));

export class Load {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor() {
    this.#child = fork(program);
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('the process that makes load has ended');
    });
    // Heard by whoever waits for an answer; without one, its end is wanted.
    this.#ended.catch(() => undefined);
  }

  /** Starts a process and its load. */
  static async start(spec: LoadSpec): Promise<Load> {
    const load = new Load();
    await load.#ask({ ask: 'start', spec });
    return load;
  }

  tally(): Promise<Tally> {
    return this.#ask({ ask: 'tally' }) as Promise<Tally>;
  }

  /** Since the last call. */
  latencies(): Promise<Latencies> {
    return this.#ask({ ask: 'latencies' }) as Promise<Latencies>;
  }

  /** A signal, SIGKILL if none is named, to a worker whose requests in flight are counted at that very moment. */
  async strike(
    { pid, slot }: { readonly pid: number; readonly slot: number },
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<void> {
    await this.#ask({ ask: 'strike', pid, slot, signal });
  }

  /** Begins no more requests, and resolves when the last has ended. */
  stop(): Promise<Tally> {
    return this.#ask({ ask: 'stop' }) as Promise<Tally>;
  }

  /** Ends the process, whatever it does. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** One question at a time: answers carry no number. */
  #ask(question: LoadQuestion): Promise<LoadAnswer> {
    const answer = this.#last.then(async () => {
      this.#child.send(question);
      const [given] = await Promise.race([once(this.#child, 'message'), this.#ended]);
      return given as LoadAnswer;
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
