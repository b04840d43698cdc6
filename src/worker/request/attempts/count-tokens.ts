/** Counts what the attempts of a request have used: what their providers reported, and estimates of what these did not. */
import type { TargetDialect } from '../../../dialects/types.ts';
import type { TargetConfig } from '../../../shared/config.ts';
import type { Bytes } from '../../../wire/pieced-bytes.ts';
import { textBytes } from '../../../wire/text-bytes.ts';
import { costOf } from '../../policies/cost.ts';
import { consumptionOf } from '../../policies/token-counts.ts';
import { estimated, type SeenAttempt } from '../../policies/token-estimate.ts';
import type { Quote } from '../../prices/price-book.ts';
import type { ActiveRequest } from '../active-request.ts';

/** Images are rarely smaller, and to look for them in every body would cost more than an estimate is worth. */
const LEARNT_BYTES = 64 * 1024;

/** How an attempt ended, for what it has used. */
export type AttemptEnding = SeenAttempt['end'];

/** What was asked of whom. */
interface Asked {
  readonly target: TargetConfig;
  /** The name of the provider's key. */
  readonly key: string;
  readonly dialect: TargetDialect;
  /** The body as the provider gets it. */
  readonly sent: Bytes;
  readonly quote: Quote;
}

/**
 * Counts what an attempt has used, and what that costs, for metrics and the log line: as its provider reported it, and
 * estimated where it did not.
 * To be called once for each attempt, when it ends, however it does.
 */
export function countTokens(
  request: ActiveRequest,
  { target, key, dialect, sent, quote }: Asked,
  { usage, said, end }: Pick<SeenAttempt, 'usage' | 'said' | 'end'>,
): void {
  const { plane } = request;
  if (dialect.isPaidText) {
    // A large body may hold images, whose bytes say nothing of tokens: without a count, no pace of input is learnt.
    const requestBytes = sent.length > LEARNT_BYTES ? 0 : sent.length;
    plane.tokenPaces.learn(target, { usage, said, requestBytes, end });
  }
  const estimate =
    dialect.isPaidText && isMissing(usage, end)
      ? estimated(plane.tokenPaces.of(target), { usage, said, requestBytes: textBytes(sent), end })
      : undefined;
  const consumption = consumptionOf(usage, estimate);
  if (consumption === null) return;
  request.counted(consumption.counts);
  const model = request.modelLabel();
  plane.outbox.push({
    type: 'tokens',
    provider: target.provider,
    model,
    ...(target.model === model ? {} : { upstreamModel: target.model }),
    key,
    nanoUsd: quote.table === null ? null : costOf(quote.table, consumption, plane.clock.wallMs(), usage?.geo),
    ...consumption,
  });
}

/** Whether anything may not have been counted: nearly always nothing is, and then nothing is looked at. */
function isMissing(usage: SeenAttempt['usage'], end: AttemptEnding): boolean {
  return end !== 'whole' || usage === null || usage.output === 0;
}
