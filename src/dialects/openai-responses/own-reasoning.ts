/**
 * Reasoning that OpenAI has encrypted for the organization that asked, or keeps under an id. Another one refuses what is
 * encrypted with a 400 (`invalid_encrypted_content`), and does not find the id, as with reasoning that was translated from
 * another dialect. An encrypted summary of a conversation stays: without it, the conversation is lost.
 */
import { asRecord } from '../../shared/json.ts';
import type { OwnReasoning } from '../types.ts';

const unreadable = /\bencrypted content\b[\s\S]{0,300}\bcould not be (?:verified|decrypted)/i;
const unknownId = /\bitem with id '?rs_[\w-]{1,300}'? not found\b/i;

export const ownReasoning: OwnReasoning = {
  list: 'input',
  isRefusedBy: ({ status, code, message }) =>
    (status === 400 && (code === 'invalid_encrypted_content' || unreadable.test(message))) ||
    ((status === 400 || status === 404) && unknownId.test(message)),
  without: (input) => {
    const list = input.filter((item) => !isBound(item));
    return list.length === input.length ? null : { list, blocks: input.length - list.length };
  },
};

function isBound(item: unknown): boolean {
  const record = asRecord(item);
  return record?.type === 'reasoning' && typeof (record.encrypted_content ?? record.id) === 'string';
}
