/**
 * The fake providers of the wall. They know from the prompt for which cell they are asked, so a second attempt is counted for
 * its own cell however late it comes.
 */
import type { IncomingMessage } from 'node:http';
import type { DialectName } from '../../mock/dialects/ask.ts';
import { type RunningMock, startMock } from '../../mock/server.ts';
import { type Cell, cellIn } from './cells.ts';
import { spareName, type WallPorts } from './wall-models.ts';

/** Both fake providers. */
export class WallProviders {
  readonly #mocks = new Map<DialectName, RunningMock>();
  /** By the cell's number and the model at the provider. */
  readonly #asked = new Map<string, number>();

  /** Starts both. Rejects with Node's own error if a port is taken. */
  static async start(host: string, wanted: WallPorts): Promise<WallProviders> {
    const providers = new WallProviders();
    try {
      for (const dialect of ['openai', 'anthropic'] as const) {
        const observe = (_request: IncomingMessage, body: Buffer) => providers.#note(body.toString('utf8'));
        providers.#mocks.set(dialect, await startMock({ dialect, host, port: wanted[dialect], observe }));
      }
    } catch (error) {
      await providers.close();
      throw error;
    }
    return providers;
  }

  get ports(): WallPorts {
    return { openai: this.#mock('openai').port, anthropic: this.#mock('anthropic').port };
  }

  setFault({ fault, kind }: Cell, model: string): void {
    this.#mock(kind.first).control.setFault({ ...fault.fault, model });
  }

  /** How often each target was asked for a cell. */
  asked({ number }: Cell, model: string): { first: number; spare: number } {
    const count = (name: string) => this.#asked.get(`${number} ${name}`) ?? 0;
    return { first: count(model), spare: count(spareName(model)) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#mocks.values()].map((mock) => mock.close()));
  }

  #note(body: string): void {
    const number = cellIn(body);
    const [, model = ''] = /"model"\s*:\s*"([^"]*)"/.exec(body) ?? [];
    const key = `${number} ${model}`;
    if (number !== null) this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
  }

  #mock(dialect: DialectName): RunningMock {
    const mock = this.#mocks.get(dialect);
    if (mock === undefined) throw new Error(`the fake ${dialect} does not run`);
    return mock;
  }
}
