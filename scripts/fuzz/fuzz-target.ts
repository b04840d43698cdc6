/** What every target of the fuzz run is: something that takes many inputs which nobody meant, and a rule that must hold. */

export interface FuzzTarget {
  /** For `--only`. */
  readonly name: string;
  readonly about: string;
  /** Inputs in one round: about a second of work. */
  readonly inputs: number;
  /** @param built start what ships (`dist`) instead of the sources, where the target needs a process */
  open(built: boolean): Promise<OpenTarget>;
}

/** A target with all that it needs. */
export interface OpenTarget {
  /** Tries so many inputs, which follow from the seed alone. Rejects with the rule that did not hold, and the input. */
  round(seed: number, inputs: number): Promise<void>;
  /** Ends all that it has started. */
  close(): Promise<void>;
}

/** An open target that holds nothing. */
export function inProcess(round: OpenTarget['round']): Promise<OpenTarget> {
  return Promise.resolve({ round, close: () => Promise.resolve() });
}

/** Bytes as a failure shows them. */
export function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1'));
}
