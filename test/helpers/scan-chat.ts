/** The scan of a chat request that is here as a whole. */
import { RequestScanner } from '../../src/wire/request-scan.ts';
import { type ChatScan, chatShape } from '../../src/worker/request/arrival/validate.ts';

/** Throws `JsonFault`. `size`: bytes of a chunk. */
export function scanChat(bytes: Buffer, size = Math.max(1, bytes.length)): ChatScan {
  const scanner = new RequestScanner(chatShape);
  for (let from = 0; from < bytes.length; from += size) scanner.push(bytes.subarray(from, from + size));
  scanner.end();
  return scanner;
}

/** What a translator needs of a body, for another name of the model. */
export function translationInput(bytes: Buffer, model: string, maxTokens: number | null = null) {
  const body = JSON.parse(bytes.toString());
  return {
    outline: body,
    whole: () => ({ tree: body, encode: (made: object) => Buffer.from(JSON.stringify(made)) }),
    bytes,
    modelAt: scanChat(bytes).value('model') ?? { start: 0, end: 0 },
    model,
    maxTokens,
  };
}
