/** Reads the token counts of the plain APIs. */
import { asCount, asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Usage } from '../hub.ts';
import { usageOf } from '../openai-chat/facts.ts';

/** The tokens of an answer, or of an event; null if it has no counts. @param generates whether some of them may be output */
export function tokensOf({ usage, meta }: JsonRecord, generates: boolean): Usage | null {
  if (generates) return usageOf(usage);
  // Cohere counts in `meta`. Some servers give the total alone.
  const counts = asRecord(usage) ?? asRecord(asRecord(meta)?.tokens);
  const prompt = counts?.prompt_tokens ?? counts?.input_tokens ?? counts?.total_tokens;
  if (typeof prompt !== 'number') return null;
  return { input: asCount(prompt), output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
}
