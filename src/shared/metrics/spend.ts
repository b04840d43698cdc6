/**
 * What of an answer goes into the spend books: its tokens by type, and its price. It is a metric like all others, so that
 * it is counted once, whatever dies; but it is on no page, since the name of a key is a label of it.
 */
import { tokenTypes, type WorkerEvent } from '../events.ts';

/** The metric's name. Only the books read it. */
export const SPEND_METRIC = 'headgate_spend';

/** The labels of a series, in this order. */
export const spendLabels = ['provider', 'model', 'key', 'unit'] as const;

/** A value of `unit`: a type of tokens, answers, those of them without a known price, or nano-dollars. */
type SpendUnit = (typeof tokenTypes)[number] | 'answers' | 'unpriced_answers' | 'nano_usd';

type TokensEvent = Extract<WorkerEvent, { type: 'tokens' }>;

/** Gives each amount of an event to `add`; all are whole numbers above 0. */
export function addSpend({ counts, nanoUsd }: TokensEvent, add: (unit: SpendUnit, amount: number) => void): void {
  add('answers', 1);
  for (const type of tokenTypes) {
    const count = counts[type];
    if (count !== undefined && count > 0) add(type, count);
  }
  if (nanoUsd === null) add('unpriced_answers', 1);
  else if (nanoUsd > 0) add('nano_usd', nanoUsd);
}
