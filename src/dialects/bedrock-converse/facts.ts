/** Reads what a whole answer and a stream have in common: the stop reason, the token counts and the parts of blocks. */
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { MESSAGES } from '../families.ts';
import type { Attachment, BlockHead, Finish, FinishReason, Usage } from '../hub.ts';
import { tierOf, toolUsesIn, usageWith } from '../usage-kinds.ts';

/** The name of this dialect, by which others know whose an extension is. */
export const CONVERSE = 'bedrock-converse';

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-length'],
  ['tool_use', 'calls'],
  ['guardrail_intervened', 'filtered'],
  ['content_filtered', 'filtered'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
]);

/** Why an answer ended; null if it does not say. Claude's stop sequence stands in what only its model adds. */
export function finishOf({ stopReason, additionalModelResponseFields }: JsonRecord): Finish | null {
  const raw = asString(stopReason) ?? '';
  if (raw === '') return null;
  const added = asRecord(additionalModelResponseFields);
  const stopSequence = asString(added?.stop_sequence) ?? asString(asRecord(added?.delta)?.stop_sequence);
  return { reason: reasons.get(raw) ?? 'other', raw, stopSequence };
}

/**
 * What an answer, or the last event of one, says that it used. `inputTokens` excludes what is read from or written to the cache,
 * as Anthropic's count does. Thoughts are not counted apart.
 */
export function usageOf({ usage: told, serviceTier }: JsonRecord): Usage | null {
  const usage = asRecord(told);
  if (usage === null) return null;
  const cacheRead = asCount(usage.cacheReadInputTokens);
  const cacheWrite = asCount(usage.cacheWriteInputTokens);
  return usageWith(
    {
      input: asCount(usage.inputTokens) + cacheRead + cacheWrite,
      output: asCount(usage.outputTokens),
      cacheRead,
      cacheWrite,
      reasoning: 0,
    },
    { cacheWrite1h: writtenForAnHour(usage.cacheDetails) },
    { serverTools: toolUsesIn(asRecord(usage.serverToolUsage)), tier: tierOf(asRecord(serviceTier)?.type) },
  );
}

function writtenForAnHour(details: unknown): number {
  const written = asArray(details).map(asRecord);
  return written.reduce((sum, each) => sum + (each?.ttl === '1h' ? asCount(each.inputTokens) : 0), 0);
}

/** A call of a tool, of the client or of the provider, as a stream or a whole answer begins it. */
export function callHead({ toolUseId, name, type }: JsonRecord): BlockHead {
  const by = type === 'server_tool_use' ? 'provider' : 'client';
  return { type: 'call', callId: asString(toolUseId) ?? '', name: asString(name) ?? '', by };
}

/** @param isShown its text is there, and not its proof alone */
export function reasoningHead(isShown: boolean): BlockHead {
  return { type: 'reasoning', form: isShown ? 'raw' : 'hidden' };
}

/** A block that is not known here, under its name. */
export function foreignHead(block: JsonRecord): BlockHead {
  return { type: 'foreign', of: CONVERSE, name: Object.keys(block)[0] ?? '', value: block, refusal: null };
}

/** The signature of a thought, or the thought as only its provider can read it: only Claude makes them, as at Anthropic's. */
export function proofs({ signature, redactedContent }: JsonRecord): Attachment[] {
  const proof = asString(signature) ?? '';
  const redacted = asString(redactedContent) ?? '';
  return [
    ...(proof === '' ? [] : [{ type: 'signature', of: MESSAGES, data: proof } as const]),
    ...(redacted === '' ? [] : [{ type: 'redacted', of: MESSAGES, data: redacted } as const]),
  ];
}

/** A source of a text, as Bedrock has it. */
export function citation(value: unknown): Attachment {
  return { type: 'citation', of: CONVERSE, data: JSON.stringify(value) ?? 'null' };
}
