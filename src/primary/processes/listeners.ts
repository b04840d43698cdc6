/**
 * Which sockets listen on a port, and whose they are, read from /proc. The kernel lets every program of the same user
 * listen on a port whose sockets have SO_REUSEPORT, and gives each its share of the connections without a word.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { WORKER_MARK } from '../../shared/worker-mark.ts';
import { plainAddress, takesFrom } from './listen-address.ts';

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';
const READ_BYTES = 64 * 1024;

/** The process that holds a socket. */
interface SocketOwner {
  readonly pid: number;
  /** Its name, as `ps` shows it. */
  readonly command: string;
  /** Whether it is a worker of a gateway: on our port, one of a former primary. */
  readonly isWorker: boolean;
  /** Whether it runs as our own user. */
  readonly isOurs: boolean;
}

/** Inodes of this network namespace's sockets that get connections to `host` and `port`; none without /proc. */
export function listeningInodes(host: string, port: number): string[] {
  return listeningSockets(host, port).map(({ inode }) => inode);
}

/**
 * Whether our own user listens there from a process that cannot be seen: in another container with the same network.
 */
export function isServedUnseen(host: string, port: number): boolean {
  const uid = String(process.geteuid?.());
  const inodes = new Set(listeningSockets(host, port).flatMap((socket) => (socket.uid === uid ? [socket.inode] : [])));
  return inodes.size > ownersOf(inodes).size;
}

function listeningSockets(host: string, port: number): { readonly inode: string; readonly uid: string }[] {
  const address = plainAddress(host);
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(listeningRows);
  return rows.flatMap((row) => {
    const [, local = '', , , , , , uid = '', , inode = ''] = row.trim().split(/\s+/);
    const [hexAddress = '', hexPort = ''] = local.split(':');
    if (Number.parseInt(hexPort, 16) !== port) return [];
    return takesFrom(address, plainAddress(readAddress(hexAddress))) ? [{ inode, uid }] : [];
  });
}

/** The inode of a socket by its descriptor in this process; null without /proc. */
export function socketInode(descriptor: number): string | null {
  return inodeIn(`/proc/self/fd/${descriptor}`);
}

/** Who holds these sockets, as far as this user can see it. */
export function ownersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, SocketOwner> {
  const owners = new Map<string, SocketOwner>();
  const processes = list('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .map((pid) => ({ pid, isWorker: isWorker(pid) }));
  // Mostly it is a worker, and the descriptors of all processes are many.
  for (const { pid, isWorker } of processes.sort((a, b) => Number(b.isWorker) - Number(a.isWorker))) {
    if (owners.size === inodes.size) break;
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      const inode = inodeIn(`/proc/${pid}/fd/${descriptor}`);
      if (inode === null || !inodes.has(inode) || owners.has(inode)) continue;
      owners.set(inode, { pid, command: read(`/proc/${pid}/comm`).trim(), isWorker, isOurs: isOurs(pid) });
    }
  }
  return owners;
}

/** Rows of listening sockets. They come first, so the table, which may list many connections, is not read to its end. */
function listeningRows(table: string): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(table, 'r');
  } catch {
    // No /proc, or no IPv6.
    return [];
  }
  const rows: string[] = [];
  const buffer = Buffer.alloc(READ_BYTES);
  let unfinished = '';
  try {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, READ_BYTES, null);
      const lines = (unfinished + buffer.toString('latin1', 0, length)).split('\n');
      unfinished = lines.pop() ?? '';
      const own = lines.filter((line) => line.trim().split(/\s+/)[3] === LISTENING);
      rows.push(...own);
      const heading = lines[0]?.includes('local_address') === true ? 1 : 0;
      if (length === 0 || own.length < lines.length - heading) return rows;
    }
  } catch {
    // What was read so far is right.
    return rows;
  } finally {
    closeSync(descriptor);
  }
}

/** `0100007F` → `127.0.0.1`: words of 32 bits, each in the machine's byte order. */
function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16)).join(':');
}

function isWorker(pid: number): boolean {
  return read(`/proc/${pid}/environ`)
    .split('\0')
    .some((variable) => variable.startsWith(`${WORKER_MARK}=`));
}

function isOurs(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.();
}

function inodeIn(link: string): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? null;
  } catch {
    // Closed meanwhile, or not for us to see.
    return null;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A process that has ended, or of another user.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The same.
    return '';
  }
}
