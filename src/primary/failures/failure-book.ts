/**
 * The last requests that ended with an error, of all workers. They are in memory alone: a new primary begins with none,
 * and the log has all of them. Workers send no more than some each second, and watchers get fewer still.
 */
import type { Clock } from '../../shared/clock.ts';
import type { FailureReport } from '../../shared/failure-report.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import { describeFailure, type Failure, lastFailure } from './failure.ts';
import { type FailureQuery, isAsked, MOST_FAILURES } from './failure-query.ts';
import { Ring } from './ring.ts';

/** Most that watchers get in a burst, and each second from then on. */
const MOST_SHOWN = 20;
const SHOWN_PER_SECOND = 10;

/** The answer of `/api/errors`. */
export interface FailuresAnswer {
  /** The newest first. */
  readonly failures: readonly Failure[];
  /** Since the primary's start: how many the workers did not send, since they were too many. */
  readonly withheld: number;
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
  readonly #bucket: TokenBucket;
  readonly #last = new Ring<Failure>(MOST_FAILURES);
  /** Of each model and provider, the one that ended last at the end. */
  readonly #causes = new Map<string, Failure>();
  #withheld = 0;
  #notShown = 0;

  constructor({ publish, clock }: FailureBookOptions) {
    this.#publish = publish;
    this.#bucket = new TokenBucket({ most: MOST_SHOWN, perSecond: SHOWN_PER_SECOND, clock });
  }

  /** Takes what a worker sends. @param worker its slot */
  take(worker: number, reports: readonly FailureReport[], withheld: number): void {
    for (const report of reports) {
      const failure = describeFailure(report, worker);
      this.#last.push(failure);
      if (failure.code !== 'circuit_open') this.#keepCause(failure);
      if (this.#bucket.take()) this.#show(failure);
      else this.#notShown += 1;
    }
    this.#withheld += withheld;
    this.#notShown += withheld;
  }

  read(query: FailureQuery): FailuresAnswer {
    const asked = this.#last.newestFirst().filter((failure) => isAsked(failure, query));
    // Workers send several at a time.
    const sorted = asked.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
    return { failures: sorted.slice(0, query.limit), withheld: this.#withheld };
  }

  /** The last failure of each model and provider, but for those that only found circuits open: not what opened them. */
  causes() {
    return Array.from(this.#causes.values(), lastFailure);
  }

  #keepCause(failure: Failure): void {
    const key = `${failure.model}\n${failure.provider}`;
    this.#causes.delete(key);
    this.#causes.set(key, failure);
    const [oldest] = this.#causes.keys();
    if (this.#causes.size > MOST_FAILURES && oldest !== undefined) this.#causes.delete(oldest);
  }

  #show(failure: Failure): void {
    const withheld = this.#notShown;
    this.#notShown = 0;
    this.#publish({ type: 'failure', ...failure, withheld });
  }
}
