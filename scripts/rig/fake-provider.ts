/** The fake provider as it ships, in a process of its own, which counts the gateway's attempts independently of it. */
import { spawn } from 'node:child_process';
import type { MockStats } from '../../src/mock/control.ts';
import type { Shape } from '../../src/mock/dialects/shape.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { lineWith } from '../processes/line-with.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { commandScript } from './checkout.ts';

/** One provider and its control routes. */
export class FakeProvider {
  readonly port: number;
  readonly #group: ProcessGroup;

  private constructor(group: ProcessGroup, port: number) {
    this.#group = group;
    this.port = port;
  }

  /** Starts one on a free port. Resolves when it serves. */
  static async start(dialect: 'openai' | 'anthropic'): Promise<FakeProvider> {
    const command = [commandScript(true), 'mock', '--port', '0', '--dialect', dialect];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    const group = new ProcessGroup(child);
    const line = await lineWith(child.stdout, 'http://');
    return new FakeProvider(group, Number(/:(\d+)\s*$/.exec(line)?.[1]));
  }

  stats(): Promise<MockStats> {
    return this.#control('GET', 'stats') as Promise<MockStats>;
  }

  async fault(fault: FaultInput): Promise<void> {
    await this.#control('PUT', 'fault', fault);
  }

  async clearFaults(): Promise<void> {
    await this.#control('DELETE', 'fault');
  }

  async shape(shape: Partial<Shape>): Promise<void> {
    await this.#control('PUT', 'shape', shape);
  }

  end(): Promise<void> {
    return this.#group.end();
  }

  async #control(method: string, what: string, body?: object): Promise<unknown> {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${this.port}/_mock/${what}`, { method, ...given });
    if (!answer.ok) throw new Error(`the fake provider refused: ${await answer.text()}`);
    return answer.json();
  }
}
