/**
 * One gateway per state folder, over all containers and hosts that share it. The abstract socket of `gateway-lock.ts`
 * ends at the network namespace; a lock on a file in the folder does not.
 *
 * It is a POSIX lock, taken through SQLite since Node has no other door to one. The kernel (or the server of a network
 * file system) releases it with its process, however that ends, so a dead holder blocks nobody and no heartbeat is
 * needed. The file stays empty. Where a folder cannot be written or its file system has no locks, the gateway starts
 * without: then nothing is worse than before.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { errorFields, type Log } from '../../shared/log.ts';
import { ensureOwnFolder, isOwn } from '../../shared/state/own-folder.ts';
import { systemCode } from '../../shared/system-code.ts';
import { StateFolderTakenError } from './start-errors.ts';

const LOCK_FILE = 'lock';

/** SQLite's result code where another connection holds the lock. */
const SQLITE_BUSY = 5;

/** So often another holder may remove the file between our opening and our locking of it. */
const MOST_TRIES = 5;

interface Held {
  close(): void;
}

interface FolderLock {
  /** Removes the lock's file, and the folder if it is empty then. */
  release(): void;
}

/**
 * Takes the lock of `folder`, which is made if missing. Throws `StateFolderTakenError` where another gateway, also one
 * in another container, keeps its checkpoint there.
 */
export async function takeFolderLock(folder: string, log: Log): Promise<FolderLock> {
  const file = path.join(folder, LOCK_FILE);
  let held = await lockInFolder(folder, file, log);
  return {
    release() {
      try {
        if (held !== null) rmSync(file, { force: true });
        rmdirSync(folder);
      } catch (error) {
        // A checkpoint for a successor, or a file of somebody else's, is in it; or it was never made.
        log.debug({ err: error, folder }, 'the state folder stays');
      }
      // After the removal: who opened the file before finds that it is no longer there, and makes a new one.
      held?.close();
      held = null;
    },
  };
}

async function lockInFolder(folder: string, file: string, log: Log): Promise<Held | null> {
  try {
    for (const closed of ensureOwnFolder(folder)) {
      log.warn({ folder: closed }, 'others could write to a folder of state_dir, or read it: it is closed to them now');
    }
    const held = await lock(file);
    if (held !== 'taken') return held;
    // A network file system without a lock service answers like one where all is locked, also for a file of our own.
    if (await canLock(folder)) throw new StateFolderTakenError(folder);
    log.warn({ folder }, 'the file system of state_dir has no locks: no other gateway may use the folder');
  } catch (error) {
    if (error instanceof StateFolderTakenError) throw error;
    // What cannot be written cannot be overwritten either; the checkpoint reports it.
    log.debug(errorFields(error), 'the state folder could not be locked');
  }
  return null;
}

async function canLock(folder: string): Promise<boolean> {
  const file = path.join(folder, `${LOCK_FILE}-${randomUUID()}`);
  try {
    const held = await lock(file);
    if (held === 'taken') return false;
    held.close();
    return true;
  } finally {
    rmSync(file, { force: true });
  }
}

/** Locks a file, made if missing. Throws what the file system, or SQLite, throws. */
async function lock(file: string): Promise<Held | 'taken'> {
  // SQLite is built into Node, but a build may leave it out.
  const { DatabaseSync } = await import('node:sqlite');
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const inode = inodeOf(file);
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      // Nothing is ever written, so no journal is needed as a second file.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      // A holder that has just ended may have removed the file that we opened: such a lock keeps nobody out.
      if (inode === lstatSync(file, { throwIfNoEntry: false })?.ino) return database;
    } catch (error) {
      database.close();
      if (isBusy(error)) return 'taken';
      throw error;
    }
    database.close();
  }
  return 'taken';
}

/** The number of the file, made if missing. */
function inodeOf(file: string): number {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found !== undefined) {
    // Opening a pipe that nobody reads would wait for ever.
    if (!found.isFile() || !isOwn(found)) throw new Error(`${file} is no regular file of this user`);
    return found.ino;
  }
  try {
    const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    closeSync(openSync(file, exclusive, 0o600));
  } catch (error) {
    // Somebody else has just made it.
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  return lstatSync(file).ino;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
