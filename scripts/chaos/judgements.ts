/**
 * Judgements that several cases share: counted requests compared with acknowledged ones, counter resets as Prometheus
 * sees them, and failures compared with what was in flight on killed workers.
 */

import type { Tally } from '../load/protocol.ts';
import { testPrice } from '../rig/gateway-config.ts';
import type { Prometheus } from '../rig/prometheus.ts';
import { type ChaosRun, guarantees } from './chaos-case.ts';

/** Series that must never go down: counters, and the lines of histograms. */
const COUNTING = '{__name__=~".+_(total|bucket|sum|count)",job="headgate"}';

/** A range that covers every case; each has a Prometheus of its own. */
export const EVER = '1h';

/** The sum of all series on a page of metrics whose name and labels match. */
export function sumOf(page: string, series: RegExp): number {
  const lines = page.matchAll(new RegExp(`^${series.source} (\\S+)$`, 'gm'));
  return [...lines].reduce((sum, match) => sum + Number(match.at(-1)), 0);
}

/** All requests that the page counts. */
export function countedOn(page: string): number {
  return sumOf(page, /llm_requests_total\{.*\}/);
}

/**
 * Finds that every acknowledged request was counted, and nothing that was not sent: the excess is at most the number of
 * failed requests, because a kill may cut an answer off after it was counted.
 */
export function judgeCounted(run: ChaosRun, tallies: Tally | readonly Tally[], counted: number): void {
  const all = [tallies].flat();
  const acknowledged = all.reduce((sum, tally) => sum + tally.acknowledged, 0);
  const failed = all.reduce((sum, tally) => sum + tally.failed, 0);
  const beyond = counted - acknowledged;
  const figure = `acknowledged ${acknowledged}, counted ${counted}: lost ${Math.max(0, -beyond)}, counted whose answer broke off ${Math.max(0, beyond)} (failed ${failed})`;
  run.find(guarantees.counted, figure, acknowledged > 0 && beyond >= 0 && beyond <= failed);
}

/** What each answer has as output, where the provider has the shape `paidShape`. */
const OUTPUT_TOKENS = 16;

/** Answers of this shape all have the same number of tokens. */
export const paidShape = { contentBytes: 4 * OUTPUT_TOKENS } as const;

/**
 * Finds that tokens and money are those of the answers that were counted, to the unit: none was lost or added twice, whoever
 * died. All answers must have come from a provider with `paidShape`, for the same prompt.
 */
export function judgeMoney(run: ChaosRun, page: string): void {
  const answers = sumOf(page, /llm_requests_total\{[^}]*status="success"[^}]*\}/);
  const input = sumOf(page, /llm_tokens_total\{[^}]*type="input"[^}]*\}/);
  const output = sumOf(page, /llm_tokens_total\{[^}]*type="output"[^}]*\}/);
  const nanoUsd = Math.round(sumOf(page, /llm_cost_usd_total\{.*\}/) * 1e9);
  const prompt = input / answers;
  const each = Math.round((prompt * testPrice.input + OUTPUT_TOKENS * testPrice.output) * 1e3);
  const off = { input: input % answers, output: output - answers * OUTPUT_TOKENS, nanoUsd: nanoUsd - answers * each };
  const figure = `${answers} answers, ${input} and ${output} tokens, ${nanoUsd} nano-dollars: off by ${off.input} and ${off.output} tokens, ${off.nanoUsd} nano-dollars`;
  run.find(guarantees.counted, figure, answers > 0 && nanoUsd > 0 && Object.values(off).every((by) => by === 0));
}

/** Finds that no counter and no line of a histogram had a reset since this Prometheus was started. */
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

/** How many requests failed, of how many, and why. */
export function describeFailed({ failed, sent, failures }: Tally): string {
  const why = Object.entries(failures).map(([failure, count]) => `${failure}: ${count}`);
  return `${failed} of ${sent} failed${why.length === 0 ? '' : ` (${why.join(', ')})`}`;
}

/** Finds that requests failed only on killed (or stopped) workers. @param what was done to these workers */
export function judgeKilled(run: ChaosRun, what: string, tally: Tally): void {
  const { failed, failedElsewhere, inFlightAtKills, sentAfterKills } = tally;
  run.find(
    guarantees.replaced,
    `${what}: failed ${failed} ≤ in flight there ${inFlightAtKills} + sent before its end was seen ${sentAfterKills}; failed elsewhere ${failedElsewhere}`,
    failedElsewhere === 0 && failed <= inFlightAtKills + sentAfterKills,
  );
}
