/**
 * The lifecycle of an orphan, a worker whose primary is gone. It keeps serving, writes its counts to a file for the
 * next primary, and drains when a successor serves. Without a successor it drains after 60 s, so that no orphan stays
 * forever.
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { readOwnFile } from '../../shared/state/own-file.ts';
import { isPrimaryFile, MAX_PRIMARY_FILE_BYTES, type PrimaryFile } from '../../shared/state/primary-file.ts';
import { systemCode } from '../../shared/system-code.ts';
import type { OrphanFile } from '../reporting/orphan-file.ts';

/** How often the orphan reads `primary.json`. */
const CHECK_PERIOD_MS = 1_000;
const WITHOUT_SUCCESSOR_MS = 60_000;

/** How urgently the orphan must leave: with the drain limit of a roll, with that of a stop, or almost immediately. */
export type Hurry = 'replaced' | 'stop' | 'now';

/** The primary that forked a worker. */
interface Origin {
  readonly generation: number;
  readonly primaryPid: number;
}

/** Whether an orphan must leave, judged from `primary.json`; null: it keeps serving. Pure. */
export function judgeSuccessor(file: PrimaryFile | null, origin: Origin): Hurry | null {
  if (file === null || file.generation < origin.generation || file.pid === origin.primaryPid) return null;
  if (file.state === 'starting') return null;
  if (file.state === 'stopping') return 'stop';
  // Orphans must not pile up in a crash loop: only those of the previous generation may finish normally.
  return file.generation > origin.generation + 1 ? 'now' : 'replaced';
}

interface OrphanLifecycleOptions {
  /** Path of `primary.json`. */
  readonly primaryFile: string;
  readonly origin: Origin;
  readonly numbers: OrphanFile;
  /** Called when the orphan must leave, and called again on every later check. */
  readonly leave: (hurry: Hurry) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Active from its construction until `end`. */
export class OrphanLifecycle {
  readonly #options: OrphanLifecycleOptions;
  readonly #timers: readonly Timer[];
  #warned = false;

  constructor(options: OrphanLifecycleOptions) {
    const { numbers, leave, clock, log } = options;
    this.#options = options;
    log.warn('the primary is gone: this worker keeps serving until a successor serves');
    void numbers.start();
    this.#timers = [
      clock.every(CHECK_PERIOD_MS, () => this.#check()),
      clock.after(WITHOUT_SUCCESSOR_MS, () => {
        log.warn('no successor became ready: this worker drains and ends');
        leave('replaced');
      }),
    ];
  }

  /** Writes the final counts; nothing is written after that. */
  end(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    return this.#options.numbers.final();
  }

  #check(): void {
    const { primaryFile, origin, leave, log } = this.#options;
    try {
      const hurry = judgeSuccessor(readPrimaryFile(primaryFile), origin);
      if (hurry !== null) leave(hurry);
    } catch (error) {
      if (!this.#warned) log.warn({ err: error }, 'primary.json cannot be read');
      this.#warned = true;
    }
  }
}

/** Null if there is no file or its content is not valid. Throws if it cannot be read or is not JSON. */
function readPrimaryFile(path: string): PrimaryFile | null {
  let text: string;
  try {
    text = readOwnFile(path, MAX_PRIMARY_FILE_BYTES);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  return isPrimaryFile(value) ? value : null;
}
