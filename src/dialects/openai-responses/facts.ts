/** Reads what a whole response and a stream have in common: what an item holds, why it ended, the token counts. */
import type { ServerToolUses } from '../../shared/events.ts';
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Finish, FinishReason, Usage } from '../hub.ts';
import { tierOf, toolUsesIn, usageWith, withUses } from '../usage-kinds.ts';

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

/** What a response used; null if it says nothing of that. */
export function usageOf(response: JsonRecord): Usage | null {
  const usage = asRecord(response.usage);
  if (usage === null) return null;
  const ofInput = asRecord(usage.input_tokens_details);
  const ofOutput = asRecord(usage.output_tokens_details);
  return usageWith(
    {
      input: asCount(usage.input_tokens),
      output: asCount(usage.output_tokens),
      cacheRead: asCount(ofInput?.cached_tokens),
      cacheWrite: asCount(ofInput?.cache_write_tokens),
      reasoning: asCount(ofOutput?.reasoning_tokens),
    },
    {
      inputAudio: ofInput?.audio_tokens,
      inputImage: ofInput?.image_tokens,
      outputAudio: ofOutput?.audio_tokens,
      outputImage: ofOutput?.image_tokens,
    },
    { serverTools: toolUsesOf(response, usage), tier: tierOf(response.service_tier) },
  );
}

/** Items of the output that are the use of a tool, by the tool's name. */
const toolItems: ReadonlyMap<unknown, string> = new Map([
  ['web_search_call', 'web_search'],
  ['file_search_call', 'file_search'],
  ['code_interpreter_call', 'code_interpreter'],
  ['image_generation_call', 'image_generation'],
]);

/**
 * The tools that the provider ran. xAI counts them. OpenAI counts the searches that it bills, which are fewer than the items;
 * all else is told by the items.
 */
function toolUsesOf({ output, tool_usage: counted }: JsonRecord, usage: JsonRecord): ServerToolUses | undefined {
  const calls = asRecord(usage.server_side_tool_usage_details);
  if (calls !== null) return toolUsesIn(calls);
  const searches = asRecord(asRecord(counted)?.web_search)?.num_requests;
  let uses = withUses(undefined, 'web_search', searches);
  for (const value of asArray(output)) {
    const tool = toolItems.get(asRecord(value)?.type);
    if (tool === undefined || (tool === 'web_search' && searches !== undefined)) continue;
    uses = withUses(uses, tool, 1);
  }
  return uses;
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
