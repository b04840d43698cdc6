/**
 * Of what history is kept: the gateway, each model with its targets, each provider. There are at most so many of each,
 * whatever configurations come and go; a model beyond that counts as `other`, and a target not at all.
 */
import { PastSteps } from './past-steps.ts';
import { RecentCounts } from './recent-counts.ts';

/** Most models, and most providers. Each takes 25 KB. */
export const MOST_NAMES = 100;

/** Most targets of one model, of which only the last minute is kept: 9 KB each. */
export const MOST_TARGETS = 20;

/** What a name beyond the most counts as. */
const OTHER = 'other';

/** The last minute and the last hour of one subject. */
export interface Subject {
  readonly name: string;
  readonly recent: RecentCounts;
  readonly past: PastSteps;
}

/** A target of a model, by the provider's name of the model. */
export interface TargetSubject {
  readonly provider: string;
  readonly upstreamModel: string;
  readonly recent: RecentCounts;
}

/** A model as its clients name it. */
interface ModelSubject extends Subject {
  readonly targets: TargetSubject[];
}

/** A subject of which nothing is known. */
export function subject(name: string): Subject {
  return { name, recent: new RecentCounts(), past: new PastSteps() };
}

/** Subjects of one kind by name, `other` always among them once the most are there. */
export class Subjects<S extends Subject> {
  readonly #byName = new Map<string, S>();
  readonly #make: (name: string) => S;

  constructor(make: (name: string) => S) {
    this.#make = make;
  }

  /** The one of that name, or `other` where there are too many. */
  of(name: string): S {
    return this.#byName.get(name) ?? this.#add(name);
  }

  get(name: string): S | undefined {
    return this.#byName.get(name);
  }

  /** Whether a name that is not known counts as `other`. */
  get isFull(): boolean {
    return this.#byName.size >= MOST_NAMES;
  }

  get all(): IterableIterator<S> {
    return this.#byName.values();
  }

  /** Forgets those of which nothing has been counted since a step. */
  forgetBefore(step: number): void {
    for (const [name, { recent, past }] of this.#byName) {
      if (recent.isEmpty && past.last < step) this.#byName.delete(name);
    }
  }

  #add(name: string): S {
    const known = this.#byName.size < MOST_NAMES || name === OTHER ? name : OTHER;
    if (known !== name) return this.of(known);
    const made = this.#make(name);
    this.#byName.set(name, made);
    return made;
  }
}

/** The subjects of models. */
export function modelSubjects(): Subjects<ModelSubject> {
  return new Subjects((name) => ({ ...subject(name), targets: [] }));
}

/** A model's target; null where it has too many. */
export function targetOf({ targets }: ModelSubject, provider: string, upstreamModel: string): TargetSubject | null {
  // A few: a loop is cheaper than a text that names both.
  for (const target of targets) {
    if (target.upstreamModel === upstreamModel && target.provider === provider) return target;
  }
  if (targets.length === MOST_TARGETS) return null;
  const target = { provider, upstreamModel, recent: new RecentCounts() };
  targets.push(target);
  return target;
}
