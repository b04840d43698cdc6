/**
 * Texts that a primary leaves for its successor in the file of the spend books, each by its name. What they say is known to
 * those who write them.
 */
import type { DatabaseSync } from 'node:sqlite';

export const textSchema = 'CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, text TEXT NOT NULL);';

/** Writes a text in place of the one that has its name. Throws what SQLite throws. */
export function writeText(database: DatabaseSync, name: string, text: string): void {
  database.prepare('INSERT OR REPLACE INTO kept VALUES (?, ?)').run(name, text);
}

/** The text of that name; null if there is none. Throws what SQLite throws. */
export function readText(database: DatabaseSync, name: string): string | null {
  const row = database.prepare('SELECT text FROM kept WHERE name = ?').get(name);
  return row === undefined ? null : String(row.text);
}
