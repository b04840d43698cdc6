/** Reads what a whole response and a stream have in common: what an item holds, why it ended, the token counts. */
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Finish, FinishReason, Usage } from '../hub.ts';

export { RESPONSES } from '../families.ts';

/**
 * Whether an item of the output holds anything; one of a kind that is not known does. In a digest, a text may stand for
 * an item or a part.
 */
export function hasParts(value: unknown): boolean {
  const item = asRecord(value);
  if (item === null) return true;
  switch (item.type) {
    case 'message':
      return asArray(item.content).some((value) => {
        const part = asRecord(value);
        return part === null || (part.text ?? part.refusal) !== '';
      });
    case 'reasoning':
      return (
        asArray(item.summary).length > 0 ||
        asArray(item.content).length > 0 ||
        asString(item.encrypted_content) !== null
      );
    default:
      return true;
  }
}

/**
 * Why a response ended, in the provider's words; null if it does not say. That it is completed says no more than `stop`
 * does elsewhere; that it is queued is an answer in the background.
 */
export function reasonOf({ status, incomplete_details: details }: JsonRecord): string | null {
  const reason = asString(asRecord(details)?.reason);
  if (reason !== null) return reason;
  return status === 'completed' ? 'stop' : asString(status);
}

/** The token counts of a response; null if it has none. */
export function usageOf(value: unknown): Usage | null {
  const usage = asRecord(value);
  if (usage === null) return null;
  const input = asRecord(usage.input_tokens_details);
  return {
    input: asCount(usage.input_tokens),
    output: asCount(usage.output_tokens),
    cacheRead: asCount(input?.cached_tokens),
    cacheWrite: asCount(input?.cache_write_tokens),
    reasoning: asCount(asRecord(usage.output_tokens_details)?.reasoning_tokens),
  };
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['max_output_tokens', 'length'],
  ['content_filter', 'filtered'],
]);

/**
 * Why a response ended, in the neutral form.
 *
 * @param raw the provider's words (`reasonOf`); null if it does not say
 * @param hasCalls whether the client must run a tool
 */
export function finishOf(raw: string | null, hasCalls: boolean): Finish | null {
  if (raw === null) return null;
  const reason = reasons.get(raw) ?? 'other';
  return { reason: reason === 'stop' && hasCalls ? 'calls' : reason, raw, stopSequence: null };
}
