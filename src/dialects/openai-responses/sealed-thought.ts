/**
 * What Anthropic or Gemini has signed, for a client of this dialect, in the field that OpenAI has for what it alone can read. It bears
 * a mark of ours, so that what OpenAI has encrypted is never taken for it, nor the reverse.
 */
import { encryptedThought } from '../encrypted-thought.ts';
import { MESSAGES } from '../families.ts';
import { isGoogleSignature, sealedSignature, unsealedSignature } from '../google-signatures.ts';
import type { Attachment } from '../hub.ts';
import { markOf } from '../plain-thoughts.ts';

const prefixes: ReadonlyMap<Attachment['type'], string> = new Map([
  ['signature', 'headgate.anthropic.signature.'],
  ['redacted', 'headgate.anthropic.redacted.'],
]);

/** The text for `encrypted_content`, which may only begin it; null for what is not to be seen again. */
export function sealed(attachment: Attachment): string | null {
  const { type, of, data } = attachment;
  const prefix = prefixes.get(type);
  if (prefix === undefined) return null;
  if (isGoogleSignature(attachment)) return sealedSignature('thought', attachment);
  return of === MESSAGES ? prefix + data : markOf(attachment);
}

/** The proof that is in `encrypted_content`. @param isHidden nothing else is shown of the thought */
export function unsealed(text: string, isHidden: boolean): Attachment {
  for (const [type, prefix] of prefixes) {
    if (text.startsWith(prefix)) return { type, of: MESSAGES, data: text.slice(prefix.length) };
  }
  return unsealedSignature(text) ?? encryptedThought(text, isHidden);
}
