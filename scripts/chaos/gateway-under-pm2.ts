/** The built gateway under a real pm2, which brings its primary back whenever that dies. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../src/primary/admin/status.ts';
import { freePort } from '../../test/helpers/free-port.ts';
import { Pm2 } from '../../test/helpers/pm2.ts';
import type { ConfigInput, Rig } from './rig.ts';

export class GatewayUnderPm2 {
  readonly url: string;
  readonly adminPort: number;
  readonly #folder: string;

  private constructor(folder: string, port: number, adminPort: number) {
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.adminPort = adminPort;
  }

  /** Starts it on ports that its successors can have as well; resolves when it serves. */
  static async start(rig: Rig, config: ConfigInput): Promise<GatewayUnderPm2> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const pm2 = new Pm2();
    rig.atEnd(() => pm2.end());
    const onPorts = { ...config, server: { port }, admin: { port: adminPort } };
    writeFileSync(join(pm2.folder, 'headgate.yaml'), JSON.stringify(onPorts));
    await pm2.start();
    return new GatewayUnderPm2(pm2.folder, port, adminPort);
  }

  async status(): Promise<Status> {
    return (await (await this.#ask('/api/status')).json()) as Status;
  }

  async metrics(): Promise<string> {
    return (await this.#ask('/metrics')).text();
  }

  /** The primary that lives now, if it is another than `before`; whether it serves with all its workers. */
  async successorOf(before: number): Promise<{ pid: number; ready: boolean } | null> {
    try {
      const { primary } = await this.status();
      return primary.pid === before ? null : { pid: primary.pid, ready: (await this.#ask('/readyz')).ok };
    } catch {
      // Nobody listens yet.
      return null;
    }
  }

  /** Pids of all its workers that run, whichever primary forked them. */
  workers(): number[] {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return pids.filter((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`) !== this.#folder) return false;
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/worker/main.js');
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
  }

  #ask(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`);
  }
}
