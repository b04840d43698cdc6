/**
 * The reasons why a gateway refuses to start. Each message says how to fix it. The command line chooses the exit codes.
 */
import { addressText } from '../../shared/host/loopback.ts';
import { systemCode } from '../../shared/host/system-code.ts';

/** Which of the two ports: the data port, or the admin port. */
type Listener = 'gateway' | 'admin';

/** The settings of each port, as an operator writes them. */
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

/** The gateway cannot listen on the configured address: not on this machine, or not as this user. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** Turns an error of `listen` into one that names the setting and the fix; returns any other error unchanged. */
export function explainListenError(listener: Listener, host: string, port: number, cause: unknown): unknown {
  const names = settings[listener];
  const code = systemCode(cause);
  switch (code) {
    case 'EADDRINUSE':
      return new PortTakenError(listener, addressText(host, port), cause);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL': {
      const fix = 'set one of its addresses, 127.0.0.1 for local connections only, or 0.0.0.0 for all addresses';
      return new AddressError(`${names.host} is ${host}, not an address of this machine (${code}): ${fix}`, { cause });
    }
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const fix = 'set an IP address, or a name that this machine can resolve';
      return new AddressError(`${names.host} is ${host}, which cannot be resolved (${code}): ${fix}`, { cause });
    }
    case 'EACCES': {
      const fix = 'choose one above 1023, or give the process CAP_NET_BIND_SERVICE';
      return new AddressError(`${names.port} is ${port}, which this user may not open (${code}): ${fix}`, { cause });
    }
    default:
      return cause;
  }
}

/** Another gateway serves on the same address. Both could bind it without an error, since their sockets share ports. */
export class LockTakenError extends Error {
  override readonly name = 'LockTakenError';

  /** `held` is the other gateway's address: `host` itself, or one that includes it, such as `0.0.0.0`. */
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

/** Started as a worker of another program's cluster, where it cannot be the primary of its own cluster. */
export class ClusterModeError extends Error {
  override readonly name = 'ClusterModeError';

  constructor() {
    super(
      "headgate forks its own workers and cannot run in pm2's cluster mode: set exec_mode to 'fork' and instances to 1",
    );
  }
}
