/**
 * The spend books on the disk: what was counted in each hour, and up to which totals of the ledger that is (`marks`). An
 * hour's amounts and the marks change in one transaction, so that nothing is added twice and nothing is left out, whatever
 * dies between two of them.
 *
 * Totals belong to an epoch of the ledger, in which they never go down. With another epoch, all marks begin at 0.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { checkOwnFile } from '../../shared/state/own-file.ts';
import { checkOwnFolder, ensureOwnFolder } from '../../shared/state/own-folder.ts';
import { hourSchema, type KeptHour, type KeptStepText, readHour, writeStep } from './kept-hour.ts';
import { readText, textSchema, writeText } from './kept-text.ts';
import type { SpendQuery } from './spend-query.ts';
import type { SpendTotal } from './spend-totals.ts';

/** In the gateway's folder. It outlives clean stops: history is what it is for. */
export const SPEND_FILE = 'spend.sqlite';

/** No link is followed, no pipe is waited for. */
const OPEN = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** How long a writer waits for a reader, and the reverse. */
const BUSY_MS = 2000;

const MS_PER_HOUR = 3_600_000;

const schema = `
  CREATE TABLE IF NOT EXISTS spend (
    hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL, unit TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (hour, provider, model, key, unit)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS marks (
    provider TEXT NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL, unit TEXT NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (provider, model, key, unit)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS epoch (id TEXT NOT NULL);
`;

/** The books of one gateway. All of it is synchronous: it runs in a thread of its own. */
export class SpendFile {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #inode: number;

  /** Opens the file, made if it is missing. Throws `ForeignStateError`, or what the file system or SQLite throws. */
  constructor(file: string) {
    ensureOwnFolder(path.dirname(file));
    checkFile(file, OPEN | constants.O_CREAT);
    this.#file = file;
    this.#inode = lstatSync(file).ino;
    this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
    // Readers do not stop the writer; each commit is on the disk.
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema} ${hourSchema} ${textSchema}`);
  }

  /**
   * Adds to the hour of `wallMs` what these totals have grown by. All of it or, if it throws, nothing. Throws also where
   * somebody has removed the file: what is written there would be gone with this process.
   */
  add(epoch: string, totals: readonly SpendTotal[], wallMs: number): void {
    if (lstatSync(this.#file, { throwIfNoEntry: false })?.ino !== this.#inode) {
      throw new Error('somebody has removed the file');
    }
    if (totals.length === 0) return;
    const database = this.#database;
    database.exec('BEGIN IMMEDIATE');
    try {
      this.#begin(epoch);
      const markOf = database.prepare(
        'SELECT total FROM marks WHERE provider = ? AND model = ? AND key = ? AND unit = ?',
      );
      const mark = database.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?)');
      const grow = database.prepare(
        'INSERT INTO spend VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount',
      );
      const hour = Math.floor(wallMs / MS_PER_HOUR);
      for (const { provider, model, key, unit, amount } of totals) {
        const known = Number(markOf.get(provider, model, key, unit)?.total ?? 0);
        if (amount === known) continue;
        mark.run(provider, model, key, unit, amount);
        // Numbers of a worker that died with its primary may be lost to the ledger. Here they stay.
        if (amount > known) grow.run(hour, provider, model, key, unit, amount - known);
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** See `readSpend`. */
  read(query: SpendQuery): SpendRow[] {
    return readRows(this.#database, query);
  }

  /** See `writeStep`. */
  keepStep(step: KeptStepText): void {
    writeStep(this.#database, step);
  }

  /** See `readHour`. */
  keptHour(): KeptHour {
    return readHour(this.#database);
  }

  /** See `writeText`. */
  keepText(name: string, text: string): void {
    writeText(this.#database, name, text);
  }

  /** See `readText`. */
  keptText(name: string): string | null {
    return readText(this.#database, name);
  }

  close(): void {
    this.#database.close();
  }

  /** Marks of another epoch say nothing of these totals. */
  #begin(epoch: string): void {
    if (this.#database.prepare('SELECT id FROM epoch').get()?.id === epoch) return;
    this.#database.exec('DELETE FROM marks; DELETE FROM epoch');
    this.#database.prepare('INSERT INTO epoch VALUES (?)').run(epoch);
  }
}

/** Amounts by unit of one group. */
export interface SpendRow {
  /** The values by which it was grouped, in that order. */
  readonly group: readonly string[];
  /** Whole numbers of any size. */
  readonly amounts: Readonly<Record<string, bigint>>;
}

/** Reads books that no gateway need have open. Throws `ForeignStateError`, or what the file system or SQLite throws. */
export function readSpend(file: string, query: SpendQuery): SpendRow[] {
  checkFile(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    return readRows(database, query);
  } finally {
    database.close();
  }
}

const groupings: Readonly<Record<SpendQuery['by'][number], string>> = {
  hour: "strftime('%Y-%m-%dT%H:00Z', hour * 3600, 'unixepoch')",
  day: "strftime('%Y-%m-%d', hour * 3600, 'unixepoch')",
  month: "strftime('%Y-%m', hour * 3600, 'unixepoch')",
  provider: 'provider',
  model: 'model',
  // A name of a key says nothing without its provider.
  key: "provider || '/' || key",
};

function readRows(database: DatabaseSync, { by, sinceMs, untilMs }: SpendQuery): SpendRow[] {
  const isBesideProvider = by.includes('provider');
  const columns = by.map((each, index) => {
    return `${each === 'key' && isBesideProvider ? 'key' : groupings[each]} AS g${index}`;
  });
  const names = by.map((_, index) => `g${index}`);
  const statement = database.prepare(
    `SELECT ${[...columns, 'unit', 'SUM(amount) AS amount'].join(', ')} FROM spend WHERE hour >= ? AND hour < ?
     GROUP BY ${[...names, 'unit'].join(', ')} ORDER BY ${[...names, 'unit'].join(', ')}`,
  );
  statement.setReadBigInts(true);
  const hours: SQLInputValue[] = [
    sinceMs === null ? 0 : Math.floor(sinceMs / MS_PER_HOUR),
    untilMs === null ? Number.MAX_SAFE_INTEGER : Math.ceil(untilMs / MS_PER_HOUR),
  ];
  const rows = new Map<string, { group: string[]; amounts: Record<string, bigint> }>();
  for (const found of statement.all(...hours)) {
    const group = names.map((name) => String(found[name]));
    const id = JSON.stringify(group);
    const row = rows.get(id) ?? { group, amounts: {} };
    rows.set(id, row);
    row.amounts[String(found.unit)] = BigInt(found.amount as bigint);
  }
  return [...rows.values()];
}

/** Throws unless the file is a regular one of our own. */
function checkFile(file: string, flags: number): void {
  checkOwnFolder(path.dirname(file));
  const descriptor = openSync(file, flags, 0o600);
  try {
    checkOwnFile(file, fstatSync(descriptor), Number.POSITIVE_INFINITY);
  } finally {
    closeSync(descriptor);
  }
}
