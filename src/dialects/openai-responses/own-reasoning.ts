/**
 * Reasoning that OpenAI has encrypted for the organization that asked. Another one refuses it with a 400
 * (`invalid_encrypted_content`). An encrypted summary of a conversation stays: without it, the conversation is lost.
 */
import { asRecord } from '../../shared/json.ts';
import type { OwnReasoning } from '../types.ts';

const refusal = /\bencrypted content\b[\s\S]{0,300}\bcould not be (?:verified|decrypted)/i;

export const ownReasoning: OwnReasoning = {
  list: 'input',
  isRefusedBy: ({ status, code, message }) =>
    status === 400 && (code === 'invalid_encrypted_content' || refusal.test(message)),
  without: (input) => {
    const left = input.filter((item) => !isEncryptedThought(item));
    return left.length === input.length ? null : left;
  },
};

function isEncryptedThought(item: unknown): boolean {
  const record = asRecord(item);
  return record?.type === 'reasoning' && typeof record.encrypted_content === 'string';
}
