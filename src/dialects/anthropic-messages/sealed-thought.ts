/**
 * What OpenAI has encrypted, Gemini has signed, or a server of chats wants back (`plain-thoughts.ts`), for a client of this
 * dialect, in the fields that Anthropic has for what it alone can read. It bears a mark of ours, so that what Anthropic has signed is never
 * taken for it, nor the reverse.
 */

import { isEncrypted } from '../encrypted-thought.ts';
import { MESSAGES, RESPONSES } from '../families.ts';
import { isGoogleSignature, sealedSignature, unsealedSignature } from '../google-signatures.ts';
import type { Attachment } from '../hub.ts';
import { markOf } from '../plain-thoughts.ts';

const PREFIX = 'headgate.openai.';

/** The text for the field of a proof, or a source; null for what is not to be seen. */
export function sealed(attachment: Attachment): string | null {
  if (attachment.of === MESSAGES) return attachment.data;
  if (isGoogleSignature(attachment)) return sealedSignature('thought', attachment);
  return isEncrypted(attachment) ? PREFIX + attachment.data : markOf(attachment);
}

/** What came back in such a field. */
export function unsealed(attachment: Attachment): Attachment {
  const { type, data } = attachment;
  if (type === 'citation') return attachment;
  const google = unsealedSignature(data);
  if (google !== null) return google;
  if (!data.startsWith(PREFIX)) return attachment;
  return { type, of: RESPONSES, data: data.slice(PREFIX.length) };
}
