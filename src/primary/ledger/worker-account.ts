/**
 * The account of one worker: its registry as of some event (`base`), and the events after that one (`tail`). Together
 * they hold every known count of the worker exactly once.
 *
 * Events and snapshots come on two pipes, and either may be faster, so their numbers decide. A snapshot replaces all
 * events up to its number. Events up to the highest known number are ignored. Events that never came (because the pipe
 * was full) are in a later snapshot.
 */
import type { WorkerEvent } from '../../shared/events.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';

/** Consecutive events; `first` is the number of the first one. */
export interface TailPiece {
  readonly first: number;
  readonly events: readonly WorkerEvent[];
}

/** A worker's registry as of the event `sequence`. */
interface Base {
  readonly sequence: number;
  readonly metrics: readonly MetricJson[];
}

const emptyBase: Base = { sequence: 0, metrics: [] };

/** Everything one worker has counted. */
export class WorkerAccount {
  #base = emptyBase;
  #tail: TailPiece[] = [];
  #tailLength = 0;
  #last = 0;

  get base(): Base {
    return this.#base;
  }

  /** The events after `base`, as a copy that does not change later. */
  tail(): readonly TailPiece[] {
    return [...this.#tail];
  }

  /** Number of events in the tail. */
  get tailLength(): number {
    return this.#tailLength;
  }

  /** The highest known event number. */
  get last(): number {
    return this.#last;
  }

  /** Adds events and ignores those that are already known. */
  append(first: number, events: readonly WorkerEvent[]): void {
    const known = Math.max(0, this.#last + 1 - first);
    if (known >= events.length) return;
    this.#tail.push(known === 0 ? { first, events } : { first: first + known, events: events.slice(known) });
    this.#tailLength += events.length - known;
    this.#last = first + events.length - 1;
  }

  /** Replaces the base and drops the tail up to its event; ignores a base older than the present one. */
  rebase(base: Base): void {
    if (base.sequence < this.#base.sequence) return;
    this.#base = base;
    this.#last = Math.max(this.#last, base.sequence);
    this.#tail = this.#tail.flatMap((piece) => after(base.sequence, piece));
    this.#tailLength = this.#tail.reduce((sum, piece) => sum + piece.events.length, 0);
  }
}

function after(sequence: number, piece: TailPiece): TailPiece[] {
  const covered = sequence + 1 - piece.first;
  if (covered <= 0) return [piece];
  if (covered >= piece.events.length) return [];
  return [{ first: sequence + 1, events: piece.events.slice(covered) }];
}
