/**
 * One gateway per address, and one per state folder. Two gateways of one user could bind the same port without an
 * error, because their sockets use SO_REUSEPORT. Two gateways on different addresses could write the same checkpoint,
 * because the state folder is named after the port alone.
 *
 * Each lock is an abstract Unix socket that the primary holds. The kernel frees it when the process ends for any
 * reason, and no file can be left over. No data is sent over it. Other systems than Linux have no abstract sockets;
 * ports are not shared there either, so no lock is taken.
 */
import { hash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Log } from '../../shared/log.ts';
import { systemCode } from '../../shared/system-code.ts';
import { takeFolderLock } from './folder-lock.ts';
import { plainAddress, takesSameConnections } from './listen-address.ts';
import { LockTakenError, StateFolderTakenError } from './start-errors.ts';

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
  const addressSocket = await hold(addressName(address, port));
  if (addressSocket === null) throw new LockTakenError(host, port, address);
  try {
    // Checked only while our lock is held: of two gateways that start together, at least one sees the other.
    const other = heldAddresses(port).find((held) => held !== address && takesSameConnections(held, address));
    if (other !== undefined) throw new LockTakenError(host, port, other);
    const folderSocket = await hold(`headgate-state:${hash('sha256', realPath(folder))}`);
    if (folderSocket === null) throw new StateFolderTakenError(folder);
    const folderLock = await takeFolderLock(folder, log).catch((error: unknown) => {
      folderSocket.close();
      throw error;
    });
    return {
      release: () => {
        folderLock.release();
        addressSocket.close();
        folderSocket.close();
      },
    };
  } catch (error) {
    addressSocket.close();
    throw error;
  }
}

/** A socket that holds the name until it is closed; null when another process holds it. */
async function hold(name: string): Promise<net.Server | null> {
  const server = net.createServer((connection) => connection.destroy());
  const held = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen({ path: `\0${name}` }, () => resolve(true));
  });
  if (!held) return null;
  server.unref();
  return server;
}

function addressName(address: string, port: number): string {
  return `headgate:${address}:${port}`;
}

/** The addresses that gateways of this host hold with this port, including our own; none without /proc. */
function heldAddresses(port: number): string[] {
  const [before, after] = ['@headgate:', `:${port}`];
  let sockets: string;
  try {
    sockets = readFileSync('/proc/net/unix', 'utf8');
  } catch {
    // A sandbox without /proc: the lock of the exact address still works.
    return [];
  }
  const names = sockets.split('\n').map((line) => line.slice(line.lastIndexOf(' ') + 1));
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => name.slice(before.length, -after.length));
}

/** The folder without symbolic links, as far as it exists. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // It does not exist yet or is not readable: resolve its parent instead.
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(realPath(parent), path.basename(folder));
  }
}
