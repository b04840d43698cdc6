/**
 * The last requests that ended with an error, of all workers, by the time at which they ended. Workers send no more than
 * some each second, and watchers get fewer still; the log has all of them. Each kind has its share of what is kept and of
 * what watchers get, so that neither one client nor what follows from a failure hides the rest.
 *
 * Workers that outlive a primary leave their last ones in their files, each time anew: what is here already is passed over.
 */
import type { Clock } from '../../shared/clock.ts';
import { type FailureReport, type FailuresLeft, failureKind } from '../../shared/failure-report.ts';
import { FairList } from '../../shared/fair-list.ts';
import { FairPace } from '../../shared/fair-pace.ts';
import { describeFailure, type Failure } from './failure.ts';
import { type FailureKind, FailureKinds } from './failure-kinds.ts';
import { type FailureQuery, isAsked, MOST_FAILURES } from './failure-query.ts';

/** Most that watchers get in a burst, and each second from then on. */
const MOST_SHOWN = 20;
const SHOWN_PER_SECOND = 10;

/** Most workers without a primary of which it is known what they have withheld. */
const MOST_WORKERS = 200;

/** The failures that are asked for. */
interface FailuresFound {
  /** The newest first. */
  readonly failures: readonly Failure[];
  /** Since the list was begun: how many workers did not send or leave, since they were too many. */
  readonly withheld: number;
}

/** What a successor goes on from. */
export interface FailuresKept {
  readonly withheld: number;
  /** How many of those are of a worker that is alone, or was, by its id. */
  readonly withheldBy: Readonly<Record<string, number>>;
  /** The oldest first. */
  readonly failures: readonly Failure[];
}

/** The answer of `/api/errors`. */
export interface FailuresAnswer extends FailuresFound {
  /** Whether they are on the disk, for the next primary too; else they live in memory alone. */
  readonly kept: boolean;
}

/** What watchers get of a failure when it comes. */
export type FailureShown = Failure & {
  readonly type: 'failure';
  /** How many there were since the one before that watchers did not get. */
  readonly withheld: number;
};

interface FailureBookOptions {
  readonly publish: (shown: FailureShown) => void;
  readonly clock: Clock;
}

/** One per gateway. */
export class FailureBook {
  readonly #publish: FailureBookOptions['publish'];
  readonly #pace: FairPace;
  readonly #clock: Clock;
  readonly #last = new FairList<Failure>({
    most: MOST_FAILURES,
    kindOf: failureKind,
    atMsOf: ({ at }) => Date.parse(at),
  });
  /** Of workers without a primary: how many they have withheld, as far as it is counted. */
  readonly #withheldBy = new Map<string, number>();
  readonly #kinds = new FailureKinds();
  #withheld = 0;
  #notShown = 0;
  #changes = 0;

  constructor({ publish, clock }: FailureBookOptions) {
    this.#publish = publish;
    this.#clock = clock;
    this.#pace = new FairPace({ most: MOST_SHOWN, perSecond: SHOWN_PER_SECOND, clock });
  }

  /** Takes what a worker sends. @param worker its slot */
  take(worker: number, reports: readonly FailureReport[], withheld: number): void {
    for (const report of reports) {
      this.#add(describeFailure(report, worker));
    }
    this.#withhold(withheld);
  }

  /** Takes what a worker has left that outlived its primary; much of it may be known. */
  takeLeft(workerId: string, { worker, failures, withheld }: FailuresLeft): void {
    for (const report of failures) {
      const failure = describeFailure(report, worker);
      if (!this.#knows(failure)) this.#add(failure);
    }
    const counted = this.#withheldBy.get(workerId) ?? 0;
    if (withheld <= counted) return;
    this.#withheldBy.delete(workerId);
    this.#withheldBy.set(workerId, withheld);
    const [oldest] = this.#withheldBy.keys();
    if (this.#withheldBy.size > MOST_WORKERS && oldest !== undefined) this.#withheldBy.delete(oldest);
    this.#withhold(withheld - counted);
  }

  /** Takes what a former primary has kept, whatever has come meanwhile. Watchers are not told. */
  restore({ withheld, withheldBy, failures }: FailuresKept): void {
    for (const failure of failures) if (!this.#knows(failure)) this.#insert(failure);
    this.#withheld += withheld;
    for (const [workerId, counted] of Object.entries(withheldBy)) {
      // What came of it before this was read has been counted twice.
      const early = this.#withheldBy.get(workerId) ?? 0;
      this.#withheld -= Math.min(early, counted);
      this.#withheldBy.set(workerId, Math.max(early, counted));
    }
  }

  /** All that a successor needs. */
  kept(): FailuresKept {
    return {
      withheld: this.#withheld,
      withheldBy: Object.fromEntries(this.#withheldBy),
      failures: this.#last.entries(),
    };
  }

  /** A number that grows with each change of what is kept. */
  get changes(): number {
    return this.#changes;
  }

  read(query: FailureQuery): FailuresFound {
    const asked = this.#last
      .entries()
      .filter((failure) => isAsked(failure, query))
      .reverse();
    return { failures: asked.slice(0, query.limit), withheld: this.#withheld };
  }

  /** What kinds there were in the last ten minutes, whether they still stand in the list or not. */
  kinds(): FailureKind[] {
    return this.#kinds.lately(this.#clock.wallMs());
  }

  #add(failure: Failure): void {
    if (!this.#insert(failure)) return;
    if (this.#pace.take(failureKind(failure))) this.#show(failure);
    else this.#notShown += 1;
  }

  #knows(failure: Failure): boolean {
    return this.#last.entries().some((known) => isSame(known, failure));
  }

  /** False if it is older than all that its kind has room for. */
  #insert(failure: Failure): boolean {
    if (this.#last.add(failure) === failure) return false;
    this.#kinds.add(failure);
    this.#changes += 1;
    return true;
  }

  #withhold(count: number): void {
    this.#withheld += count;
    this.#notShown += count;
    if (count > 0) this.#changes += 1;
  }

  #show(failure: Failure): void {
    const withheld = this.#notShown;
    this.#notShown = 0;
    this.#publish({ type: 'failure', ...failure, withheld });
  }
}

/** Whether both are the same request: an id may be a client's, and come twice. */
function isSame(one: Failure, other: Failure): boolean {
  return (
    one.id === other.id && one.at === other.at && one.worker === other.worker && one.durationMs === other.durationMs
  );
}
