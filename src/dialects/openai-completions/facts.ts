/** Reads the parts that a whole completion and a chunk of a stream have in common. */
import { asString, type JsonRecord } from '../../shared/json.ts';

/** The name of this dialect. */
export const COMPLETIONS = 'openai-completions';

/** Whether a choice, or its next piece, has text. */
export function hasText({ text }: JsonRecord): boolean {
  return (asString(text) ?? '') !== '';
}
