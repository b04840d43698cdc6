/**
 * The fake provider as it ships, in a process of its own: what the gateway asks here is counted outside of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MockStats } from '../../src/mock/control.ts';
import type { Shape } from '../../src/mock/dialects/shape.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { lineWith } from '../../test/helpers/command.ts';
import { root } from '../bench/gateway-under-test.ts';

export class FakeProvider {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts one on a free port; resolves when it serves. */
  static async start(dialect: 'openai' | 'anthropic'): Promise<FakeProvider> {
    const command = [join(root, 'dist/cli/main.js'), 'mock', '--port', '0', '--dialect', dialect];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await lineWith(child.stdout, 'http://');
    return new FakeProvider(child, Number(/:(\d+)\s*$/.exec(line)?.[1]));
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

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #control(method: string, what: string, body?: object): Promise<unknown> {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${this.port}/_mock/${what}`, { method, ...given });
    if (!answer.ok) throw new Error(`the fake provider refused: ${await answer.text()}`);
    return answer.json();
  }
}
