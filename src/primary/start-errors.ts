/**
 * Why a gateway may refuse to start, each with its cure in the message. Which exit code each becomes is for the
 * command line to say.
 */

/** Another program holds the address. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(what: 'gateway' | 'admin', address: string, cause: unknown) {
    const option = what === 'gateway' ? 'server.port (or --port)' : 'admin.port (or --admin-port)';
    super(`${address} is taken by another program: stop it, or choose another ${option}`, { cause });
  }
}

/** Another gateway serves on the same address; both could bind it in silence, since their sockets share ports. */
export class LockTakenError extends Error {
  override readonly name = 'LockTakenError';

  /** `held` is the other's address, which may be one that `host` is part of. */
  constructor(host: string, port: number, held: string) {
    const meaning = held === host ? '' : `, which takes the connections of ${host} too`;
    super(`another headgate serves on ${held}:${port}${meaning}: stop it, or choose another server.port (or --port)`);
  }
}

/** Another gateway, on another address with the same port, keeps its books in the same folder. */
export class StateFolderTakenError extends Error {
  override readonly name = 'StateFolderTakenError';

  constructor(folder: string) {
    super(`another headgate keeps its books in ${folder}: stop it, or give this one another state_dir`);
  }
}

/** Started as a worker of somebody else's cluster, where it could never be the primary of its own. */
export class ClusterModeError extends Error {
  override readonly name = 'ClusterModeError';

  constructor() {
    super(
      "headgate forks its own workers and cannot run in pm2's cluster mode: set exec_mode to 'fork' and instances to 1",
    );
  }
}
