/** What a provider's refusal says of credentials that were fetched. Pure. */

/**
 * `skewed`: a signature of another time, as this host's clock is wrong. `ended`: they are taken no more. Null: the answer
 * is about something else.
 *
 * @param words all that the answer says in its body and in the header by which AWS names an error
 */
export function refusalOf(status: number, words: string): 'skewed' | 'ended' | null {
  if (status !== 400 && status !== 401 && status !== 403) return null;
  if (SKEWED.test(words)) return 'skewed';
  return status === 401 || ENDED.test(words) ? 'ended' : null;
}

/** InvalidSignatureException and RequestTimeTooSkewed say so in their messages. */
const SKEWED = /signature (?:expired|not yet current)|time ?too ?skewed|difference between the request time/i;

/** What AWS says with a 403, and Google and Microsoft with a 401. */
const ENDED =
  /expired ?token|unrecognized ?client|invalid ?client ?token|security token included in the request is (?:expired|invalid)/i;
