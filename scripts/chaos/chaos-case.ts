/**
 * What a case of the chaos run is, and what it hands back: findings, each a guarantee with the figure that was seen.
 */

/** How one finding turned out; `left out`: this machine cannot show it, and `figure` says why. */
export type Verdict = 'holds' | 'FAILS' | 'left out';

/** One line of the table. */
export interface Finding {
  readonly guarantee: string;
  readonly case: string;
  readonly figure: string;
  readonly verdict: Verdict;
}

/** What a case is given to work with. */
export interface ChaosRun {
  /** Whether durations and counts are cut down, for runs that only want to see the case work. */
  readonly short: boolean;
  /** Whether only the state that the machine is in is wanted, and no namespace with another. */
  readonly asItIs: boolean;
  /** Says what is going on, beside the table. */
  note(text: string): void;
  /** Adds a line to the table. */
  find(guarantee: string, figure: string, holds: boolean): void;
  /** Adds a line for what cannot be shown here, and why. */
  leaveOut(guarantee: string, why: string): void;
  /** Adds a line that a run of the same case elsewhere has found. */
  take(finding: Finding): void;
}

/** One fault, or a family of them, and what must hold meanwhile. */
export interface ChaosCase {
  /** For `--only`, and in the table. */
  readonly name: string;
  /** One line, for people who wait. */
  readonly about: string;
  /** Throws when the case itself breaks; that counts as a failure. */
  run(run: ChaosRun): Promise<void>;
}

/** Names of the guarantees, as the table shows them. */
export const guarantees = {
  counted: 'counted once, never lost',
  neverDown: 'nothing that counts goes down',
  scrape: 'a scrape always answers',
  oneCircuit: 'one circuit per host',
  withoutPrimary: 'serves without the primary',
  noStorm: 'no retry storm',
  reload: 'reload and restart drop nothing',
  replaced: 'workers in trouble are replaced',
} as const;
