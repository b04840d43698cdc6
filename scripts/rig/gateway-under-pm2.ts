/** The built gateway under a real pm2, which starts a new primary whenever one dies. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../src/primary/admin/status.ts';
import { freePort } from '../processes/free-port.ts';
import { allPids, commandOf, workingFolderOf } from '../processes/proc-files.ts';
import type { ConfigInput } from './gateway-config.ts';
import { Pm2 } from './pm2.ts';

export class GatewayUnderPm2 {
  readonly url: string;
  readonly adminPort: number;
  readonly #pm2: Pm2;

  private constructor(pm2: Pm2, port: number, adminPort: number) {
    this.#pm2 = pm2;
    this.url = `http://127.0.0.1:${port}`;
    this.adminPort = adminPort;
  }

  /** Starts it on fixed free ports, so that successors serve on the same ones. Resolves when it serves. */
  static async start(config: ConfigInput): Promise<GatewayUnderPm2> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const pm2 = new Pm2();
    const onPorts = { ...config, server: { port }, admin: { port: adminPort } };
    writeFileSync(join(pm2.folder, 'headgate.yaml'), JSON.stringify(onPorts));
    try {
      await pm2.start();
    } catch (error) {
      await pm2.end();
      throw error;
    }
    return new GatewayUnderPm2(pm2, port, adminPort);
  }

  async status(): Promise<Status> {
    return (await (await this.#ask('/api/status')).json()) as Status;
  }

  async metrics(): Promise<string> {
    return (await this.#ask('/metrics')).text();
  }

  /** The present primary, if it is not `before`, and whether it serves with all its workers; null if there is none. */
  async successorOf(before: number): Promise<{ pid: number; ready: boolean } | null> {
    try {
      const { primary } = await this.status();
      return primary.pid === before ? null : { pid: primary.pid, ready: (await this.#ask('/readyz')).ok };
    } catch {
      // Nothing listens yet.
      return null;
    }
  }

  /** Pids of all its running workers, whichever primary forked them. */
  workers(): number[] {
    return allPids().filter(
      (pid) => workingFolderOf(pid) === this.#pm2.folder && commandOf(pid).includes('dist/worker/main.js'),
    );
  }

  end(): Promise<void> {
    return this.#pm2.end();
  }

  #ask(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`);
  }
}
