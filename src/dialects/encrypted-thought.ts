/**
 * A thought that OpenAI has encrypted, as an attachment of its block. The id of its item goes with it: OpenAI takes the
 * item back without, but with no other, and servers that are compatible want one.
 *
 *   {id: rs_1, encrypted_content: gAAA}   ◄──►   rs_1.gAAA
 */
import { RESPONSES } from './families.ts';
import type { Attachment } from './hub.ts';

interface EncryptedThought {
  /** Null if it is not known. */
  readonly id: string | null;
  readonly data: string;
}

const plainId = /^[\w-]{1,64}$/;

/** @param isHidden nothing else is shown of the thought */
export function encryptedThought({ id, data }: EncryptedThought, isHidden: boolean): Attachment {
  const known = id !== null && plainId.test(id) ? id : '';
  return { type: isHidden ? 'redacted' : 'signature', of: RESPONSES, data: `${known}.${data}` };
}

/** The encrypted thought that an attachment is; null for all others. */
export function encryptedIn({ type, of, data }: Attachment): EncryptedThought | null {
  if (of !== RESPONSES || type === 'citation') return null;
  const point = data.indexOf('.');
  return { id: data.slice(0, Math.max(point, 0)) || null, data: data.slice(point + 1) };
}
