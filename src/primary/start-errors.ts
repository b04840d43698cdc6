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

  constructor(address: string) {
    super(`another headgate serves on ${address}: stop it, or choose another server.port (or --port)`);
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
