/**
 * Signatures in a history that another account, or another model, has made: Gemini refuses them with a 400. What it has signed
 * then goes as another model's, in the word that Google gives for it (ai.google.dev/gemini-api/docs/thought-signatures);
 * thoughts are left out.
 */
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { UNSIGNED } from '../gemini-models.ts';
import type { LighterHistory, OwnReasoning } from '../types.ts';

const refusal =
  /\b(?:invalid|corrupted) thought[ _]?signature\b|\bthought[ _]?signature (?:is )?(?:not valid|invalid)\b/i;

/** In `contents`. */
export const ownReasoning: OwnReasoning = {
  list: 'contents',
  isRefusedBy: ({ status, message }) => status === 400 && refusal.test(message),
  without,
};

function without(contents: readonly unknown[]): LighterHistory | null {
  let blocks = 0;
  const list = contents.flatMap((value) => {
    const content = asRecord(value);
    if (content?.role !== 'model') return [value];
    const parts = asArray(content.parts).map(asRecord);
    const signed = parts.filter((part) => isSigned(part));
    if (signed.length === 0) return [value];
    blocks += signed.length;
    const left = parts.flatMap((part) => (isSigned(part) ? unsigned(part ?? {}) : [part]));
    return left.length === 0 ? [] : [{ ...content, parts: left }];
  });
  return blocks === 0 ? null : { list, blocks };
}

function isSigned(part: JsonRecord | null): boolean {
  return typeof part?.thoughtSignature === 'string' && part.thoughtSignature !== UNSIGNED;
}

/** A call says that it is another's; of all else nothing is left but its text. */
function unsigned({ thoughtSignature: _, ...part }: JsonRecord): JsonRecord[] {
  if (part.functionCall !== undefined) return [{ ...part, thoughtSignature: UNSIGNED }];
  return part.thought === true || part.text === '' ? [] : [part];
}
