/**
 * Why a gateway may refuse to start, each with its cure in the message. Which exit code each becomes is for the
 * command line to say.
 */
import { systemCode } from '../../shared/system-code.ts';

/** Which of the two ports: the data port, or the admin port. */
type Listener = 'gateway' | 'admin';

/** The settings of each, as somebody may change them. */
const settings = {
  gateway: { host: 'server.host (or --host)', port: 'server.port (or --port)' },
  admin: { host: 'admin.host', port: 'admin.port (or --admin-port)' },
} as const;

/** Another program holds the address. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(listener: Listener, address: string, cause: unknown, holder = 'another program') {
    super(`${address} is taken by ${holder}: stop it, or choose another ${settings[listener].port}`, { cause });
  }
}

/** The configured address cannot be listened on, here or by this user, now or later. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** What the system said of a port to be opened, in words that name the setting and the cure; else as it was. */
export function explainListenError(listener: Listener, host: string, port: number, cause: unknown): unknown {
  const names = settings[listener];
  const code = systemCode(cause);
  switch (code) {
    case 'EADDRINUSE':
      return new PortTakenError(listener, `${host}:${port}`, cause);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL': {
      const cure = 'set one that it has, 127.0.0.1 for itself alone, or 0.0.0.0 for all';
      return new AddressError(`${names.host} is ${host}, no address of this machine (${code}): ${cure}`, { cause });
    }
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const cure = 'set an IP address, or a name that this machine can look up';
      return new AddressError(`${names.host} is ${host}, which cannot be resolved (${code}): ${cure}`, { cause });
    }
    case 'EACCES': {
      const cure = 'choose one above 1023, or give the process CAP_NET_BIND_SERVICE';
      return new AddressError(`${names.port} is ${port}, which this user may not open (${code}): ${cure}`, { cause });
    }
    default:
      return cause;
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

/** Another gateway, on another address with the same port, keeps its checkpoint in the same folder. */
export class StateFolderTakenError extends Error {
  override readonly name = 'StateFolderTakenError';

  constructor(folder: string) {
    super(`another headgate keeps its checkpoint in ${folder}: stop it, or give this one another state_dir`);
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
