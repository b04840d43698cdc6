/**
 * The last hour of history in the file of the spend books: a row for each step that is over, and one text with what a
 * successor goes on from. What the texts say is known to those who write them.
 */
import type { DatabaseSync } from 'node:sqlite';

const HOUR_MS = 3_600_000;

export const hourSchema = `
  CREATE TABLE IF NOT EXISTS history (begins INTEGER PRIMARY KEY, step TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS history_state (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
`;

/** What is written at the end of a step. */
export interface KeptStepText {
  /** Since 1970, in ms. */
  readonly beginsAtMs: number;
  /** Null where nothing is known of the step: then the state alone is written. */
  readonly step: string | null;
  readonly state: string;
}

/** What a former primary has left. */
export interface KeptHour {
  readonly steps: readonly { readonly beginsAtMs: number; readonly step: string }[];
  readonly state: string | null;
}

/** Writes a step and the state in one transaction, and removes all steps that are not of the hour before it. */
export function writeStep(database: DatabaseSync, { beginsAtMs, step, state }: KeptStepText): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (step !== null) database.prepare('INSERT OR REPLACE INTO history VALUES (?, ?)').run(beginsAtMs, step);
    database.prepare('DELETE FROM history WHERE begins <= ? OR begins > ?').run(beginsAtMs - HOUR_MS, beginsAtMs);
    database.prepare('INSERT OR REPLACE INTO history_state VALUES (1, ?)').run(state);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Reads all that is there. */
export function readHour(database: DatabaseSync): KeptHour {
  const steps = database.prepare('SELECT begins, step FROM history ORDER BY begins').all();
  const state = database.prepare('SELECT state FROM history_state').get();
  return {
    steps: steps.map(({ begins, step }) => ({ beginsAtMs: Number(begins), step: String(step) })),
    state: state === undefined ? null : String(state.state),
  };
}
