/** Ids of calls to which a provider gave none, or the same as to another: clients tell calls apart by them. */
import { createHash } from 'node:crypto';

/** The same in a stream and in a whole answer. @param block number of the call's block in the answer */
export function madeCallId(answer: string, block: number, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([answer, block, name]))
    .digest('hex');
  return `call_${digest.slice(0, 24)}`;
}
