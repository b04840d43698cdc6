/**
 * The failures of a gateway as they come, beyond the end of its primary: while nothing answers, it is asked again each
 * second. What came while the connection was made is in the gateway's list, so that nothing is missed and nothing is
 * said twice; what workers served without a primary is in their log alone.
 */
import type { AdminClient } from './admin-client.ts';
import { askErrors, type FailureAnswer, failureEvents } from './errors-answer.ts';
import { CommandError } from './failures.ts';

/** As many as a gateway keeps, twice: enough to know those again that it lists. */
const MOST_KNOWN = 400;

interface FollowOptions {
  readonly client: Pick<AdminClient, 'get' | 'lines'>;
  /** The first ones, which are said already. */
  readonly said: readonly FailureAnswer[];
  /** @param withheld how many were not sent before it, since they were too many */
  readonly failed: (failure: FailureAnswer, withheld: number) => void;
  /** The gateway does not answer; the text says why. Told once for each reason. */
  readonly lost: (why: string) => void;
  /** Resolves when it may be asked again. */
  readonly wait: () => Promise<void>;
}

/** Runs until the process ends. */
export async function followFailures(options: FollowOptions): Promise<never> {
  const { said, lost, wait } = options;
  const known = new Set(said.map(nameOf));
  let reason = '';
  for (;;) {
    try {
      await untilItEnds(options, known, () => {
        reason = '';
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.message !== reason) lost(error.message);
      reason = error.message;
    }
    await wait();
  }
}

/** @param reached called when it answers */
async function untilItEnds({ client, failed }: FollowOptions, known: Set<string>, reached: () => void): Promise<void> {
  const say = (failure: FailureAnswer, withheld: number) => {
    const name = nameOf(failure);
    if (known.has(name)) return;
    known.add(name);
    const [oldest] = known;
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    failed(failure, withheld);
  };
  let isListed = false;
  for await (const event of failureEvents(client)) {
    if (!isListed) {
      isListed = true;
      reached();
      for (const failure of (await askErrors(client)).failures.toReversed()) say(failure, 0);
    }
    if (event !== null) say(event, event.withheld);
  }
}

function nameOf({ at, worker, id }: FailureAnswer): string {
  return `${at} ${worker} ${id}`;
}
