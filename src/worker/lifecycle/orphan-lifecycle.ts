/**
 * What a worker does once its primary is gone: it goes on serving, keeps its numbers where a successor finds them, and
 * leaves when a successor serves. Without one it accepts for a minute at most, so that nothing is left for ever.
 */
import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { isPrimaryFile, type PrimaryFile } from '../../shared/state/primary-file.ts';
import { systemCode } from '../../shared/system-code.ts';
import type { OrphanFile } from '../reporting/orphan-file.ts';

const LOOK_EACH_MS = 1_000;
const WITHOUT_SUCCESSOR_MS = 60_000;

/** How long open requests may still take: as in a roll, as at a stop, or not at all. */
export type Hurry = 'replaced' | 'stop' | 'now';

/** Where a worker comes from. */
interface Origin {
  /** The life of the gateway that it was forked in. */
  readonly generation: number;
  /** The process that led that life. */
  readonly primaryPid: number;
}

/** What `primary.json` says to an orphan; null: go on. Pure. */
export function judgeSuccessor(file: PrimaryFile | null, origin: Origin): Hurry | null {
  if (file === null || file.generation < origin.generation || file.pid === origin.primaryPid) return null;
  if (file.state === 'starting') return null;
  if (file.state === 'stopping') return 'stop';
  // Lives must not pile up in a loop of crashes: only the one before may still finish.
  return file.generation > origin.generation + 1 ? 'now' : 'replaced';
}

interface OrphanLifecycleOptions {
  /** Path of `primary.json`. */
  readonly primaryFile: string;
  readonly origin: Origin;
  readonly numbers: OrphanFile;
  /** Time to go; called again when there is more hurry. */
  readonly leave: (hurry: Hurry) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lives from its construction until `end`. */
export class OrphanLifecycle {
  readonly #options: OrphanLifecycleOptions;
  readonly #timers: readonly Timer[];
  #warned = false;

  constructor(options: OrphanLifecycleOptions) {
    const { numbers, leave, clock, log } = options;
    this.#options = options;
    log.warn('the primary is gone: this worker goes on until a successor serves');
    void numbers.start();
    this.#timers = [
      clock.every(LOOK_EACH_MS, () => void this.#look()),
      clock.after(WITHOUT_SUCCESSOR_MS, () => {
        log.warn('no successor came: this worker ends');
        leave('replaced');
      }),
    ];
  }

  /** Writes the numbers as they stand at the very end, after which nothing is written. */
  end(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    return this.#options.numbers.final();
  }

  async #look(): Promise<void> {
    const { primaryFile, origin, leave, log } = this.#options;
    try {
      const hurry = judgeSuccessor(await readPrimaryFile(primaryFile), origin);
      if (hurry !== null) leave(hurry);
    } catch (error) {
      if (!this.#warned) log.warn({ err: error }, 'primary.json cannot be read');
      this.#warned = true;
    }
  }
}

/** Null where there is none, or while it is not what it should be. */
async function readPrimaryFile(path: string): Promise<PrimaryFile | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  return isPrimaryFile(value) ? value : null;
}
