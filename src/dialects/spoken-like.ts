/** What an API takes from the one beside it at the same provider: keys, headers, and what is said where there is no answer. */
import type { Dialect } from './types.ts';

type Manner = Pick<
  Dialect,
  'headers' | 'clientKey' | 'clientMark' | 'keyHint' | 'writeError' | 'brokenEnd' | 'endsCleanly' | 'keepAlive'
>;

/** These parts of a dialect. */
export function spokenLike(dialect: Dialect): Manner {
  const { headers, clientKey, clientMark, keyHint, writeError, brokenEnd, endsCleanly, keepAlive } = dialect;
  const manner = { headers, clientKey, clientMark, keyHint, writeError, brokenEnd, keepAlive };
  return endsCleanly === undefined ? manner : { ...manner, endsCleanly };
}
