/**
 * One gateway per address, and one per state folder. Two gateways of one user could bind the same port without an
 * error, because their sockets use SO_REUSEPORT. Two gateways on different addresses could write the same checkpoint,
 * because the state folder is named after the port alone: `folder-lock.ts`.
 *
 * The lock of an address is an abstract Unix socket that the primary holds. The kernel frees it when the process ends
 * for any reason, and no file can be left over. No data is sent over it. Any user may take such a name, so a name counts
 * only if our own user holds it: another user's gateway cannot share our port anyway, the kernel refuses that. Other
 * systems than Linux have no abstract sockets; ports are not shared there either, so no lock is taken.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Log } from '../../shared/log.ts';
import { systemCode } from '../../shared/system-code.ts';
import { takeFolderLock } from './folder-lock.ts';
import { plainAddress, takesSameConnections } from './listen-address.ts';
import { isServedUnseen, ownersOf } from './listeners.ts';
import { LockTakenError } from './start-errors.ts';

interface GatewayLock {
  release(): void;
}

/**
 * Takes the locks of `host` (an IP address) and `port`, and of the state folder, which need not exist yet. Throws
 * `LockTakenError` when another gateway holds that address or one that takes its connections (`0.0.0.0`, `::`), and
 * `StateFolderTakenError` when another gateway keeps its checkpoint in that folder.
 */
export async function takeGatewayLock(host: string, port: number, folder: string, log: Log): Promise<GatewayLock> {
  if (process.platform !== 'linux') return takeFolderLock(folder, log);
  const address = plainAddress(host);
  const addressSocket = await holdAddress(host, address, port, log);
  try {
    // Checked only while our lock is held: of two gateways that start together, at least one sees the other.
    const others = heldNames(port).filter((held) => held.name !== addressSocket.name);
    refuseOthers(others, host, address, port);
    const folderLock = await takeFolderLock(folder, log);
    return {
      release: () => {
        folderLock.release();
        addressSocket.server.close();
      },
    };
  } catch (error) {
    addressSocket.server.close();
    throw error;
  }
}

/** A socket with a lock's name, held until it is closed. */
interface HeldSocket {
  readonly name: string;
  readonly server: net.Server;
}

/** Holds the name of an address. Where another user holds that, another name that tells the same to our own user. */
async function holdAddress(host: string, address: string, port: number, log: Log): Promise<HeldSocket> {
  const name = `headgate:${address}:${port}`;
  const first = await hold(name);
  if (first !== null) return first;
  const holders = heldNames(port).filter((held) => held.name === name);
  // A sandbox without /proc: nobody knows who it is.
  if (holders.length === 0) throw new LockTakenError(host, port, address);
  refuseOthers(holders, host, address, port);
  log.warn({ lock: name }, "another user holds the name of this gateway's lock: it is locked under another name");
  const second = await hold(`${name}#${randomBytes(8).toString('hex')}`);
  if (second === null) throw new LockTakenError(host, port, address);
  return second;
}

/** A socket that holds the name until it is closed; null when another process holds it. */
async function hold(name: string): Promise<HeldSocket | null> {
  const server = net.createServer((connection) => connection.destroy());
  const held = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen({ path: `\0${name}` }, () => resolve(true));
  });
  if (!held) return null;
  server.unref();
  return { name, server };
}

/** A lock's name with the address in it, and the inode of its socket. */
interface HeldName {
  readonly name: string;
  readonly address: string;
  readonly inode: string;
}

/** Throws `LockTakenError` if our own user holds one of these names, for an address that takes our connections. */
function refuseOthers(held: readonly HeldName[], host: string, address: string, port: number): void {
  const rivals = held.filter((other) => takesSameConnections(other.address, address) || other.address === address);
  if (rivals.length === 0) return;
  const owners = ownersOf(new Set(rivals.map(({ inode }) => inode)));
  const rival = rivals.find(({ inode }) => owners.get(inode)?.isOurs ?? isServedUnseen(address, port));
  if (rival !== undefined) throw new LockTakenError(host, port, rival.address);
}

/** The names that are held for this port, on this host's network, including our own; none without /proc. */
function heldNames(port: number): HeldName[] {
  let sockets: string;
  try {
    sockets = readFileSync('/proc/net/unix', 'utf8');
  } catch {
    // A sandbox without /proc: the lock of the exact address still works.
    return [];
  }
  return sockets.split('\n').flatMap((line) => {
    const [, , , , , , inode = '', path = ''] = line.trim().split(/\s+/);
    const [, address, heldPort] = /^@headgate:(.+):(\d+)(?:#[0-9a-f]{16})?$/.exec(path) ?? [];
    return address === undefined || heldPort !== String(port) ? [] : [{ name: path.slice(1), address, inode }];
  });
}
