/**
 * A thought that OpenAI has encrypted, as an attachment of its block. The id of its item is left behind: OpenAI looks an item
 * that has one up in its store, where nothing is, and refuses it.
 */
import { RESPONSES } from './families.ts';
import type { Attachment } from './hub.ts';

/** @param isHidden nothing else is shown of the thought */
export function encryptedThought(data: string, isHidden: boolean): Attachment {
  return { type: isHidden ? 'redacted' : 'signature', of: RESPONSES, data };
}

/** Whether an attachment is such a thought. */
export function isEncrypted({ type, of }: Attachment): boolean {
  return of === RESPONSES && type !== 'citation';
}
