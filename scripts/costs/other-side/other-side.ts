/** Starts the process that is client and provider of a measured gateway, and tells it what to do. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ProcessGroup } from '../../processes/process-group.ts';

/** One attack by its name, or the warm-up. */
export interface Order {
  readonly name: string;
  readonly port: number;
}

/** The first message, and the answer to each order. */
export type Report =
  | { readonly providerPort: number }
  | { readonly answers: readonly (readonly [what: string, times: number])[] };

const WARM_UP = 'warm-up';

export class OtherSide {
  readonly providerPort: number;
  readonly #child: ChildProcess;
  readonly #group: ProcessGroup;

  private constructor(child: ChildProcess, group: ProcessGroup, providerPort: number) {
    this.#child = child;
    this.#group = group;
    this.providerPort = providerPort;
  }

  static async start(): Promise<OtherSide> {
    const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), { detached: true });
    const group = new ProcessGroup(child);
    const [report] = (await once(child, 'message')) as [Report];
    if (!('providerPort' in report)) throw new Error('the other side did not begin with its port');
    return new OtherSide(child, group, report.providerPort);
  }

  async warmUp(port: number): Promise<void> {
    await this.#carryOut({ name: WARM_UP, port });
  }

  /** Resolves with the answers that the client got, such as `200, 503 × 4`. */
  attack(name: string, port: number): Promise<string> {
    return this.#carryOut({ name, port });
  }

  end(): Promise<void> {
    return this.#group.end();
  }

  async #carryOut(order: Order): Promise<string> {
    this.#child.send(order);
    const [report] = (await once(this.#child, 'message')) as [Report];
    if (!('answers' in report)) throw new Error('the other side answered no order');
    return report.answers.map(([what, times]) => (times === 1 ? what : `${what} × ${times}`)).join(', ');
  }
}
