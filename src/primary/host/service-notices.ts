/**
 * What systemd hears of a unit with `Type=notify`: that the gateway is ready, reloads or stops, and a line of status.
 * Without `NOTIFY_SOCKET` it does nothing. Nobody waits for it, and no fault here touches the gateway.
 *
 * Node has no Unix sockets for datagrams, so systemd's own program sends them, one after the other. It stays until
 * systemd has read its message: systemd cannot tell whose a message is once the sender is gone. The unit needs
 * `NotifyAccess=all`, since that program is not the primary.
 */
import { spawn } from 'node:child_process';
import { monotonicMicroseconds } from '../../shared/clock.ts';
import { errorFields, type Log } from '../../shared/log.ts';

const PROGRAM = 'systemd-notify';

/** Notices in the order in which they are given. */
export class ServiceNotices {
  readonly #socket: string | undefined;
  readonly #log: Log;
  #state: 'starting' | 'ready' | 'stopping' = 'starting';
  #last: Promise<void> = Promise.resolve();

  /** Takes `NOTIFY_SOCKET` out of the environment: workers have nothing to say there. */
  constructor(log: Log) {
    this.#socket = process.env.NOTIFY_SOCKET;
    delete process.env.NOTIFY_SOCKET;
    this.#log = log;
  }

  /** All slots serve: `systemctl start` returns. */
  ready(status: string): void {
    this.#state = 'ready';
    this.#tell(['READY=1', `STATUS=${status}`]);
  }

  /** Says that a reload runs, and how it ended. Passes on what `reload` gives. */
  async reloading<T extends { readonly version: number }>(reload: Promise<T>): Promise<T> {
    // Before all slots serve, READY=1 after the reload would be untrue.
    if (this.#state !== 'ready') return reload;
    this.#tell(['RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`, 'STATUS=reloading the configuration']);
    let status = 'serving; the last reload was refused, and the log and `headgate check` say why';
    try {
      const reloaded = await reload;
      status = `serving with version ${reloaded.version} of the configuration`;
      return reloaded;
    } finally {
      // A stop may have begun meanwhile.
      if (this.#state === 'ready') this.#tell(['READY=1', `STATUS=${status}`]);
    }
  }

  /** The gateway stops, which may take `limitMs`: systemd waits for so long, whatever the unit's `TimeoutStopSec`. */
  stopping(limitMs: number): void {
    this.#state = 'stopping';
    const status = `stopping: open requests may finish within ${limitMs / 1000} s`;
    this.#tell(['STOPPING=1', `EXTEND_TIMEOUT_USEC=${limitMs * 1000}`, `STATUS=${status}`]);
  }

  #tell(fields: readonly string[]): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#last = this.#last
      .then(() => run(fields, { NOTIFY_SOCKET: socket, PATH: process.env.PATH }))
      .catch((error: unknown) => {
        this.#log.warn(
          errorFields(error),
          `systemd could not be told ${fields[0]}: a unit of Type=notify waits for it`,
        );
      });
  }
}

/** Resolves when systemd has the message. Rejects with why it could not be sent. */
function run(fields: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, fields, { env: environment, stdio: 'ignore' });
    // The end of the gateway waits for nothing here.
    child.unref();
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${PROGRAM} ended with ${signal ?? code}`));
    });
  });
}
