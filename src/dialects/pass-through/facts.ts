/** Reads the token counts of the plain APIs. */
import { asCount, asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Usage } from '../hub.ts';
import { usageOf } from '../openai-chat/facts.ts';
import type { PlainApi } from './plain-api.ts';

/**
 * The tokens of an answer, or of an event; null if it has no counts. A transcript that is billed by the length of its audio
 * has none.
 */
export function tokensOf(payload: JsonRecord, output: PlainApi['output']): Usage | null {
  if (output !== null) return withOutput(usageOf(payload), output);
  // Cohere counts in `meta`. Some servers give the total alone.
  const counts = asRecord(payload.usage) ?? asRecord(asRecord(payload.meta)?.tokens);
  const prompt = counts?.prompt_tokens ?? counts?.input_tokens ?? counts?.total_tokens;
  if (typeof prompt !== 'number') return null;
  return { input: asCount(prompt), output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
}

/** The detail of the output is optional in these APIs: without it, all of it is what the API makes. */
function withOutput(usage: Usage | null, output: 'text' | 'image' | 'audio'): Usage | null {
  if (usage === null || usage.output === 0 || output === 'text') return usage;
  if (usage.outputImage !== undefined || usage.outputAudio !== undefined) return usage;
  return output === 'image' ? { ...usage, outputImage: usage.output } : { ...usage, outputAudio: usage.output };
}
