/** The contract of a case of the chaos run, and its result: findings, each a guarantee with the measured figure. */

/** The result of one finding. `left out`: this machine cannot show it; `figure` contains the reason. */
export type Verdict = 'holds' | 'FAILS' | 'left out';

/** One line of the table. */
export interface Finding {
  readonly guarantee: string;
  readonly case: string;
  readonly figure: string;
  readonly verdict: Verdict;
}

/** The run, as a case sees it. */
export interface ChaosRun {
  /** Whether durations and counts are reduced, for runs that only check the case itself. */
  readonly short: boolean;
  /** Whether the case runs only with this machine's kernel settings, and not in a namespace with other ones too. */
  readonly asItIs: boolean;
  /** Prints progress, outside of the table. */
  note(text: string): void;
  /** Adds a line to the table. */
  find(guarantee: string, figure: string, holds: boolean): void;
  /** Adds a line for a guarantee that cannot be shown here, with the reason. */
  leaveOut(guarantee: string, why: string): void;
  /** Adds a line from a run of the same case in another process. */
  take(finding: Finding): void;
}

/** One fault, or a family of faults, and the guarantees that must hold meanwhile. */
export interface ChaosCase {
  /** For `--only`, and in the table. */
  readonly name: string;
  /** One line, printed when the case begins. */
  readonly about: string;
  /** Throws if the case itself cannot be carried out; that counts as a failure. */
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
