/** Ids of calls of tools that have none, or another's: clients tell calls apart by them, and some read no call without one. */
import { createHash } from 'node:crypto';
import { asString, type JsonRecord } from '../shared/json.ts';

/** What an answer, or any chunk of it, says of itself. */
export function answerName({ id, created }: JsonRecord): string {
  return `${asString(id) ?? ''} ${typeof created === 'number' ? created : ''}`;
}

/** The same in a stream and in a whole answer. @param place of the call in it */
export function madeCallId(answer: string, place: number, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([answer, place, name]))
    .digest('hex');
  return `call_${digest.slice(0, 24)}`;
}
