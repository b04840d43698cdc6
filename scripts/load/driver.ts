/**
 * The driver of all load: the parent's end of a process that makes load, so that neither the gateway nor the
 * measurement is slowed down by it. For saturation it runs wrk instead, where that is installed.
 *
 * There are two kinds of client behind it. Load that is measured (`saturate`, `pace`, `hold`) uses bare sockets, which
 * cost next to nothing. Load that is judged (`start`) uses Node's own HTTP client, because it must notice every
 * violation of HTTP that a real client would: wrong chunks, missing ends, connections that were announced to close.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isInstalled } from '../processes/program.ts';
import type {
  Conversation,
  Kill,
  Latencies,
  Paced,
  PacedTimes,
  Saturated,
  Saturation,
  StreamTally,
  TalliedSpec,
  Tally,
  Target,
} from './protocol.ts';
import { saturateByWrk } from './wrk.ts';

const program = fileURLToPath(new URL('process.ts', import.meta.url));

/** What makes saturating load on this machine. */
export const saturator = isInstalled('wrk') ? 'wrk' : 'our own driver';

/** One process that makes load. */
export class Load {
  readonly #child: ChildProcess = fork(program);
  readonly #ended: Promise<never>;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('the process that makes load has ended');
    });
    // Only a pending question makes its end an error.
    this.#ended.catch(() => undefined);
  }

  saturate(spec: Saturation): Promise<Saturated> {
    // wrk runs for whole seconds only.
    return saturator === 'wrk' && Number.isInteger(spec.seconds) ? saturateByWrk(spec) : this.#ask('saturate', spec);
  }

  pace(spec: Paced): Promise<PacedTimes> {
    return this.#ask('pace', spec);
  }

  /** Opens streams and keeps them open. Resolves when each has received an event or is lost. */
  async hold(target: Target, streams: number): Promise<void> {
    await this.#ask('hold', { target, streams });
  }

  /** What the held streams have received since the last call. */
  streamTally(): Promise<StreamTally> {
    return this.#ask('streamTally', null);
  }

  /** Closes the held streams. */
  async release(): Promise<void> {
    await this.#ask('release', null);
  }

  /** Starts load of which the fate of every request is counted. */
  async start(spec: TalliedSpec): Promise<void> {
    await this.#ask('start', spec);
  }

  tally(): Promise<Tally> {
    return this.#ask('tally', null);
  }

  /** Since the last call. */
  latencies(): Promise<Latencies> {
    return this.#ask('latencies', null);
  }

  /** Sends a signal, by default SIGKILL, to a worker, and counts its requests in flight at that very moment. */
  async kill({ pid, slot }: Pick<Kill, 'pid' | 'slot'>, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#ask('kill', { pid, slot, signal });
  }

  /** Begins no more requests, and resolves when the last one has ended. */
  stop(): Promise<Tally> {
    return this.#ask('stop', null);
  }

  /** Kills the process. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  /** One question at a time, because answers carry no number. */
  #ask<Ask extends keyof Conversation>(
    ask: Ask,
    given: Conversation[Ask]['given'],
  ): Promise<Conversation[Ask]['answer']> {
    const answer = this.#last.then(async () => {
      this.#child.send({ ask, given });
      const [message] = await Promise.race([once(this.#child, 'message'), this.#ended]);
      return (message as { readonly answer: Conversation[Ask]['answer'] }).answer;
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
