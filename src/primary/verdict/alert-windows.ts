/**
 * How much the counts that alerts read have grown within some minutes, in steps of ten seconds, for an hour. A window is 20 to
 * 30 s longer than it says, so that nothing leaves it here sooner than in Prometheus, which scrapes each 15 s and then judges.
 */
import { STEPS } from '../history/steps.ts';
import { type Counted, countOf } from './alert-totals.ts';

/** A step as it is kept on the disk: what has grown, and the highest values that were seen, each by its name. */
export interface KeptCounts {
  readonly grown: Readonly<Record<string, number>>;
  readonly highest: Readonly<Record<string, number>>;
}

interface Step {
  readonly grown: Map<string, number>;
  readonly highest: Map<string, number>;
}

const STEP_SECONDS = 10;

/** Steps by which a window is longer, besides the present one. */
const LONGER = 2;

/** One per gateway. */
export class AlertWindows {
  readonly #steps = new Map<number, Step>();
  /** Sums of the steps that are over, by the length of the window; made anew when another step begins. */
  readonly #sums = new Map<number, ReadonlyMap<string, number>>();
  #current: number;

  constructor(step: number) {
    this.#current = step;
  }

  /** The present step. A step that is over and an hour old is forgotten. */
  begin(step: number): void {
    if (step === this.#current) return;
    this.#current = step;
    this.#sums.clear();
    for (const old of this.#steps.keys()) if (old < step - STEPS - LONGER) this.#steps.delete(old);
  }

  /** A count has grown. @param key by `countOf` */
  grow(key: string, amount: number): void {
    const { grown } = this.#at(this.#current);
    grown.set(key, (grown.get(key) ?? 0) + amount);
  }

  /** A value was seen. */
  see(name: string, value: number): void {
    const { highest } = this.#at(this.#current);
    if (value > (highest.get(name) ?? 0)) highest.set(name, value);
  }

  /** By how much a count has grown. */
  increase(counted: Counted, name: string, seconds: number): number {
    const key = countOf(counted, name);
    const now = this.#steps.get(this.#current)?.grown.get(key) ?? 0;
    return now + (this.#sumsOf(seconds).get(key) ?? 0);
  }

  /** How many steps ago a count first grew within that time; null where it did not. */
  firstGrown(counted: Counted, name: string, seconds: number): number | null {
    const key = countOf(counted, name);
    for (let step = this.#firstWithin(seconds); step <= this.#current; step += 1) {
      if (this.#steps.get(step)?.grown.has(key)) return this.#current - step;
    }
    return null;
  }

  /** The names of which something was counted within the hour. */
  names(counted: Counted): string[] {
    const prefix = countOf(counted, '');
    const keys = new Set([...this.#sumsOf(STEPS * STEP_SECONDS).keys(), ...this.#at(this.#current).grown.keys()]);
    return [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  /** The highest value that was seen under each name. */
  highest(seconds: number): ReadonlyMap<string, number> {
    const highest = new Map<string, number>();
    for (const step of this.#within(seconds, this.#current)) {
      for (const [name, value] of step.highest) highest.set(name, Math.max(value, highest.get(name) ?? 0));
    }
    return highest;
  }

  /** A step for the disk. */
  kept(step: number): KeptCounts {
    const { grown, highest } = this.#steps.get(step) ?? { grown: new Map(), highest: new Map() };
    return { grown: Object.fromEntries(grown), highest: Object.fromEntries(highest) };
  }

  /** Takes a step of a former primary. */
  restore(step: number, { grown, highest }: KeptCounts): void {
    if (step >= this.#current || step < this.#current - STEPS || this.#steps.has(step)) return;
    this.#steps.set(step, { grown: new Map(Object.entries(grown)), highest: new Map(Object.entries(highest)) });
    this.#sums.clear();
  }

  #at(step: number): Step {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const made = { grown: new Map<string, number>(), highest: new Map<string, number>() };
    this.#steps.set(step, made);
    return made;
  }

  #sumsOf(seconds: number): ReadonlyMap<string, number> {
    const known = this.#sums.get(seconds);
    if (known !== undefined) return known;
    const sums = new Map<string, number>();
    for (const { grown } of this.#within(seconds, this.#current - 1)) {
      for (const [key, amount] of grown) sums.set(key, (sums.get(key) ?? 0) + amount);
    }
    this.#sums.set(seconds, sums);
    return sums;
  }

  #firstWithin(seconds: number): number {
    return this.#current - seconds / STEP_SECONDS - LONGER;
  }

  *#within(seconds: number, last: number): Generator<Step> {
    for (let step = this.#firstWithin(seconds); step <= last; step += 1) {
      const known = this.#steps.get(step);
      if (known !== undefined) yield known;
    }
  }
}
