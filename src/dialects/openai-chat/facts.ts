/**
 * Reads the parts that a whole answer and a chunk of a stream have in common: content, finish reason, token counts.
 * Nothing here changes a byte.
 */

import type { ServerToolUses } from '../../shared/events.ts';
import { asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { CHAT } from '../families.ts';
import type { Attachment, Finish, FinishReason, Usage } from '../hub.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { tierOf, toolUsesIn, usageWith, withUses, writtenForAnHour } from '../usage-kinds.ts';

export { CHAT };

/** Whether a message or a delta has content: text, reasoning, refusal, tool call, audio or image. */
export function hasContent(message: JsonRecord): boolean {
  return (
    isFilled(message.content) ||
    isFilled(message.reasoning_content) ||
    isFilled(message.reasoning) ||
    isFilled(message.tool_calls) ||
    isFilled(message.refusal) ||
    isFilled(message.function_call) ||
    isFilled(message.audio) ||
    isFilled(message.images)
  );
}

/** Whether a message or a delta holds a part of any kind, one that is not known included: then it is an answer. */
export function hasParts(message: JsonRecord): boolean {
  for (const name in message) if (name !== 'role' && isFilled(message[name])) return true;
  return false;
}

/** Mistral sends content as an array of parts; audio and function calls are objects. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null;
}

/** Whether a choice's `finish_reason` is one: null and an empty text come before the end. */
export function isFinishReason(value: unknown): boolean {
  return (asString(value) ?? '') !== '';
}

/**
 * The reason of a choice in the provider's own words, in whichever field it stands: brokers pass on another's as
 * `native_finish_reason`, vLLM names in `stop_reason` what stopped it. Null if there is none.
 */
export function reasonOf({ finish_reason, native_finish_reason, stop_reason }: JsonRecord): string | null {
  const stopped = typeof stop_reason === 'number' ? String(stop_reason) : asString(stop_reason);
  return asString(finish_reason) || asString(native_finish_reason) || stopped || null;
}

/** Why an answer ended, in lower case: OpenAI's words, and those that compatible servers keep from elsewhere. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'calls'],
  ['function_call', 'calls'],
  ['content_filter', 'filtered'],
  // Mistral.
  ['model_length', 'context-length'],
  // Text Generation Inference.
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  // Brokers that pass on Anthropic's or Gemini's.
  ['end_turn', 'stop'],
  ['tool_use', 'calls'],
  ['max_tokens', 'length'],
  ['refusal', 'filtered'],
  ['safety', 'filtered'],
  ['model_context_window_exceeded', 'context-length'],
  // Bedrock, also behind OpenAI's API.
  ['guardrail_intervened', 'filtered'],
  // Zhipu.
  ['sensitive', 'filtered'],
]);

/**
 * Why a choice ended; null if it does not say. OpenAI says `stop` after calls too, if the request named the tool.
 *
 * @param hasCalls whether the client must run a tool
 */
export function finishOf(choice: JsonRecord, hasCalls: boolean): Finish | null {
  const raw = reasonOf(choice);
  if (raw === null) return null;
  const reason = reasons.get(raw.toLowerCase()) ?? 'other';
  if (reason !== 'stop') return { reason, raw, stopSequence: null };
  if (hasCalls) return { reason: 'calls', raw, stopSequence: null };
  // vLLM names the sequence that was met; others may repeat the reason there.
  const met = asString(choice.stop_reason) ?? '';
  const isSequence = met !== '' && !reasons.has(met.toLowerCase());
  return { reason: isSequence ? 'stop-sequence' : 'stop', raw, stopSequence: isSequence ? met : null };
}

/** What the provider of Gemini's models wants to see again with a call. */
export function proofIn({ extra_content: extra }: JsonRecord): Attachment[] {
  return asRecord(extra) === null ? [] : [{ type: 'signature', of: CHAT, data: jsonText(extra) }];
}

/** A part of an answer as text. Throws `UnreadableAnswerError` for one that is nested too deeply to be written again. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new UnreadableAnswerError('the answer is nested too deeply');
  }
}

/**
 * What an answer or a chunk used; null if it says nothing of that. Servers use the names of other dialects here too. Groq
 * tells it in a field of its own, which is all that older versions of it have.
 */
export function usageOf({ usage: told, x_groq: groq, service_tier: tier }: JsonRecord): Usage | null {
  const usage = asRecord(told) ?? asRecord(asRecord(groq)?.usage);
  if (usage === null) return null;
  const prompt = usage.prompt_tokens ?? usage.input_tokens;
  const completion = usage.completion_tokens ?? usage.output_tokens;
  if (typeof prompt !== 'number' && typeof completion !== 'number') return null;
  // A transcript's has the singular.
  const ofInput = asRecord(usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details);
  const ofOutput = asRecord(
    usage.completion_tokens_details ?? usage.output_tokens_details ?? usage.output_token_details,
  );
  const reasoning = asCount(ofOutput?.reasoning_tokens ?? usage.reasoning_tokens);
  const cacheRead = cacheReadIn(usage, ofInput);
  const cacheWrite = asCount(ofInput?.cache_write_tokens ?? usage.cache_creation_input_tokens);
  const answer = Math.max(asCount(completion), asCount(usage.output_tokens));
  const total = asCount(usage.total_tokens);
  const input = asCount(prompt) + cachedBeside(usage, asCount(prompt), total - answer);
  return usageWith(
    {
      input,
      // xAI and Gemini count reasoning in total_tokens, but not in completion_tokens; others, as Perplexity, in neither.
      output: Math.max(
        reasoning > answer ? answer + reasoning : answer,
        typeof prompt === 'number' ? total - input : 0,
      ),
      cacheRead,
      cacheWrite,
      reasoning,
    },
    {
      cacheWrite1h: writtenForAnHour(asRecord(usage.cache_creation)),
      inputAudio: ofInput?.audio_tokens,
      inputImage: ofInput?.image_tokens,
      cachedAudio: asRecord(ofInput?.cached_tokens_details)?.audio_tokens,
      outputAudio: ofOutput?.audio_tokens,
      outputImage: ofOutput?.image_tokens,
    },
    { serverTools: toolUsesOf(usage), tier: tierOf(tier) },
  );
}

/**
 * What a cache has of the prompt, where that is not within it. Most count it there; some brokers of Anthropic's models count
 * it beside it, as those do: then it is more than the prompt, or just what the total has besides.
 *
 * @param notSaid the total without the answer
 */
function cachedBeside(usage: JsonRecord, prompt: number, notSaid: number): number {
  const cached = asCount(usage.cache_read_input_tokens) + asCount(usage.cache_creation_input_tokens);
  return cached > prompt || notSaid === prompt + cached ? cached : 0;
}

/** DeepSeek, Moonshot and Together, and brokers of Anthropic's models have fields of their own for it. */
function cacheReadIn(usage: JsonRecord, ofInput: JsonRecord | null): number {
  return Math.max(
    asCount(ofInput?.cached_tokens),
    asCount(usage.prompt_cache_hit_tokens),
    asCount(usage.cached_tokens),
    asCount(usage.cache_read_input_tokens),
  );
}

/** OpenRouter counts tools as Anthropic does, xAI by calls, Perplexity its searches. */
function toolUsesOf(usage: JsonRecord): ServerToolUses | undefined {
  const counts = asRecord(usage.server_tool_use) ?? asRecord(usage.server_side_tool_usage_details);
  return withUses(toolUsesIn(counts), 'web_search', usage.num_search_queries);
}
