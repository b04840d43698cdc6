/**
 * The signatures that Gemini's models put on parts of their answers, and want back on them: on calls of tools, on texts and on
 * thoughts. Other dialects have a field for that of a thought alone. So a signature of another part becomes a thought beside it
 * of which nothing is shown: before a call, behind a text. It says what it belongs to, and bears a mark of ours, so that what
 * other providers have signed is never taken for it, nor the reverse.
 */
import { asRecord, asString } from '../shared/json.ts';
import { parseExact } from '../wire/exact-json.ts';
import { CHAT, GEMINI } from './families.ts';
import type { Attachment, BlockHead, HubEvent } from './hub.ts';

/** What a signature belongs to. */
type SignedPart = 'call' | 'text' | 'thought';

const PREFIX = 'headgate.gemini.';
const sealedForm = /^headgate\.gemini\.(call|text|thought)\./;
const besideForm = /^(call|text)\./;

/** Whether an attachment is such a signature, of whatever part. */
export function isGoogleSignature({ type, of }: Attachment): boolean {
  return of === GEMINI && type === 'signature';
}

/** To which part a signature on such a block belongs; null for one that no other dialect needs to carry. */
export function signedPartOf(head: BlockHead): SignedPart | null {
  switch (head.type) {
    case 'call':
      return 'call';
    case 'text':
    case 'refusal':
      return 'text';
    case 'reasoning':
      return 'thought';
    case 'media':
    case 'file-id':
    case 'result':
    case 'foreign':
      return null;
    default:
      return head satisfies never;
  }
}

/** The signature of a call that opens, if it comes with it. @param next what follows it */
export function signatureBehind(block: number, next: HubEvent | undefined): Attachment | null {
  if (next?.type !== 'attach' || next.block !== block) return null;
  return isGoogleSignature(next.attachment) ? next.attachment : null;
}

/** The text for a field of another dialect's that holds the proof of a thought. */
export function sealedSignature(part: SignedPart, { data }: Attachment): string {
  return `${PREFIX}${part}.${data}`;
}

/** The proof in such a field; null if it is another's. */
export function unsealedSignature(text: string): Attachment | null {
  const [mark, part] = sealedForm.exec(text) ?? [];
  if (mark === undefined) return null;
  const data = text.slice(mark.length);
  return part === 'thought' ? ofThought(data) : ofPart(part === 'call' ? 'call' : 'text', data);
}

/** The signature of a thought, on its block. */
export function ofThought(data: string): Attachment {
  return { type: 'signature', of: GEMINI, data };
}

/** The signature of a part that stands beside, on a thought of which nothing is shown. */
export function ofPart(part: 'call' | 'text', data: string): Attachment {
  return { type: 'redacted', of: GEMINI, data: `${part}.${data}` };
}

/** Of which part beside its block an attachment is the signature; null if it is none. */
export function partBeside({ type, of, data }: Attachment): { part: 'call' | 'text'; signature: string } | null {
  const [mark, part] = type === 'redacted' && of === GEMINI ? (besideForm.exec(data) ?? []) : [];
  if (mark === undefined) return null;
  return { part: part === 'call' ? 'call' : 'text', signature: data.slice(mark.length) };
}

/** Gemini's signature on a call, as Google's compatible API says it in `extra_content`; null for any other attachment. */
export function compatibleSignature({ type, of, data }: Attachment): string | null {
  if (type !== 'signature' || of !== CHAT) return null;
  return asString(asRecord(asRecord(parseExact(data))?.google)?.thought_signature);
}
