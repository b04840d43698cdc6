/**
 * What several cases are judged by: counted against acknowledged, resets as Prometheus sees them, and a gateway that
 * has come to rest.
 */
import { eventually } from '../../test/helpers/eventually.ts';
import type { Prometheus } from '../../test/helpers/prometheus.ts';
import type { GatewayUnderTest } from '../bench/gateway-under-test.ts';
import { type ChaosRun, guarantees } from './chaos-case.ts';
import type { Tally } from './load-protocol.ts';

/** Series that must never go down: counters, and the lines of histograms. */
const COUNTING = '{__name__=~".+_(total|bucket|sum|count)",job="headgate"}';

/** Longer than any case takes; each has a Prometheus of its own. */
export const EVER = '1h';

/** The sum of all series on a page whose line matches; the value is the pattern's first group. */
export function sumOf(page: string, series: RegExp): number {
  const lines = page.matchAll(new RegExp(`^${series.source} (\\S+)$`, 'gm'));
  return [...lines].reduce((sum, match) => sum + Number(match.at(-1)), 0);
}

/** All requests that the page counts. */
export function countedOn(page: string): number {
  return sumOf(page, /llm_requests_total\{.*\}/);
}

/**
 * Finds that every acknowledged request was counted, and none that no client knows of: what was counted beyond lies
 * within what failed, for a kill may take an answer after its count.
 */
export function judgeCounted(run: ChaosRun, tallies: Tally | readonly Tally[], counted: number): void {
  const all = [tallies].flat();
  const acknowledged = all.reduce((sum, tally) => sum + tally.acknowledged, 0);
  const failed = all.reduce((sum, tally) => sum + tally.failed, 0);
  const beyond = counted - acknowledged;
  const figure = `acknowledged ${acknowledged}, counted ${counted}: lost ${Math.max(0, -beyond)}, counted whose answer broke off ${Math.max(0, beyond)} (failed ${failed})`;
  run.find(guarantees.counted, figure, acknowledged > 0 && beyond >= 0 && beyond <= failed);
}

/** Finds that no counter and no line of a histogram had a reset since that Prometheus was started. */
export async function judgeResets(run: ChaosRun, prometheus: Prometheus): Promise<void> {
  const names = await prometheus.query(`count by (__name__) (last_over_time(${COUNTING}[${EVER}]))`);
  let series = 0;
  const fallen: string[] = [];
  for (const { labels, value } of names) {
    const name = labels.__name__ ?? '';
    series += value;
    const [sum] = await prometheus.query(`sum(resets(${name}[${EVER}]))`);
    if (sum !== undefined && sum.value > 0) fallen.push(`${name} ${sum.value}`);
  }
  const figure = `resets() ${fallen.length === 0 ? 0 : fallen.join(', ')} over ${series} series of ${names.length} metrics`;
  run.find(guarantees.neverDown, figure, series > 0 && fallen.length === 0);
}

/** How many failed, of how many, and of what. */
export function describeFailed({ failed, sent, failures }: Tally): string {
  const why = Object.entries(failures).map(([failure, count]) => `${failure}: ${count}`);
  return `${failed} of ${sent} failed${why.length === 0 ? '' : ` (${why.join(', ')})`}`;
}

/** Finds that nothing failed but what was on the workers that were struck; `what` says what was done to them. */
export function judgeStruck(run: ChaosRun, what: string, tally: Tally): void {
  const { failed, failedElsewhere, inFlightAtStrikes, sentIntoStrikes } = tally;
  run.find(
    guarantees.replaced,
    `${what}: failed ${failed} ≤ in flight there ${inFlightAtStrikes} + sent before its end was seen ${sentIntoStrikes}; failed elsewhere ${failedElsewhere}`,
    failedElsewhere === 0 && failed <= inFlightAtStrikes + sentIntoStrikes,
  );
}

/** Waits until `count` workers are ready and nobody else is there. */
export function settled(gateway: Pick<GatewayUnderTest, 'status'>, count: number, withinMs = 30_000) {
  return eventually(
    `${count} workers are ready, and no others`,
    async () => {
      const { workers } = await gateway.status();
      return workers.length === count && workers.every(({ state }) => state === 'ready') && workers;
    },
    withinMs,
  );
}
