/**
 * Keeps the last failures with the spend books: read once at the start, written each second in which one has come, and at
 * the end. Nothing waits for the disk. What cannot be read is said and set aside under another name, never a fault.
 */
import { atMost, type Clock, type Timer } from '../../shared/clock.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { WriteTrouble } from '../../shared/state/write-trouble.ts';
import type { FailureBook } from './failure-book.ts';
import { readFailures, writeFailures } from './kept-failures.ts';

const PERIOD_MS = 1_000;

/** The stop waits so long for the last ones to be written. */
const LAST_MS = 2_000;

const NAME = 'failures';
const SET_ASIDE = 'failures set aside';

interface FailureKeeperOptions {
  readonly book: Pick<FailureBook, 'restore' | 'kept' | 'changes'>;
  /** The thread of the spend books. */
  readonly disk: {
    /** Resolves with why it could not be kept; null if it is. */
    keepText(name: string, text: string): Promise<string | null>;
    keptText(name: string): Promise<string | null>;
  };
  /** It speaks of a folder that cannot be written at all. */
  readonly ledger: { readonly writable: boolean };
  readonly clock: Clock;
  readonly log: Log;
}

/** One per gateway. */
export class FailureKeeper {
  readonly #options: FailureKeeperOptions;
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  /** Up to which change the disk has them; null until what was there is read. */
  #written: number | null = null;
  readonly #trouble: WriteTrouble;
  #isUnread = false;

  constructor(options: FailureKeeperOptions) {
    this.#options = options;
    const { ledger, log } = options;
    this.#trouble = new WriteTrouble({
      ...{ what: 'the last failures', loss: 'a new primary will not know them' },
      ...{ ledger, log },
    });
  }

  /** Whether the disk takes them. */
  get isKept(): boolean {
    return this.#trouble.problem === null && !this.#isUnread;
  }

  /** Reads what a former primary has left, and begins to write. It never rejects. */
  async start(): Promise<void> {
    this.#timer = this.#options.clock.every(PERIOD_MS, () => void this.#write());
    await this.#restore();
    this.#written = 0;
  }

  /** Writes what is left, unless the disk hangs. It never rejects. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await atMost(this.#options.clock, LAST_MS, this.#writeLast());
  }

  async #restore(): Promise<void> {
    const { book, disk, ledger, log } = this.#options;
    try {
      const text = await disk.keptText(NAME);
      if (text === null) return;
      const kept = readFailures(text);
      if (kept !== null) return book.restore(kept);
      log.warn('the last failures of the former primary cannot be read: they are set aside, and the list begins anew');
      await disk.keepText(SET_ASIDE, text);
    } catch (error) {
      this.#isUnread = true;
      if (ledger.writable) log.warn(errorFields(error), 'the last failures of the former primary are not known');
    }
  }

  async #writeLast(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  /** Calls made meanwhile share it. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeNew().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeNew(): Promise<void> {
    const { book, disk } = this.#options;
    const { changes } = book;
    if (this.#written === null || (changes === this.#written && this.isKept)) return;
    // A thread that cannot be made is thrown.
    const problem = await disk
      .keepText(NAME, writeFailures(book.kept()))
      .catch((error: unknown) => (error instanceof Error ? error.message : 'an error'));
    if (problem === null) this.#written = changes;
    this.#isUnread = false;
    this.#trouble.report(problem);
  }
}
