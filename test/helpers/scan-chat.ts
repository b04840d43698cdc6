/** The scan of a chat request that is here as a whole. */
import { type ChatScan, chatShape } from '../../src/dialects/openai-chat/arrive.ts';
import { RequestScanner } from '../../src/wire/request-scan.ts';

/** Throws `JsonFault`. `size`: bytes of a chunk. */
export function scanChat(bytes: Buffer, size = Math.max(1, bytes.length)): ChatScan {
  const scanner = new RequestScanner(chatShape);
  for (let from = 0; from < bytes.length; from += size) scanner.push(bytes.subarray(from, from + size));
  scanner.end();
  return scanner;
}
