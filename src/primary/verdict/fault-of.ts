/** What a fault is called, so that two rules that find the same one tell it once. Pure. */
import { type Cause, isOfGateway } from './cause-words.ts';

/** Of a provider, or of the gateway itself; null where it is not known what is wrong. */
export function faultOf(provider: string | null, cause: Pick<Cause, 'code'> | null): string | null {
  if (cause === null) return null;
  return isOfGateway(cause.code) ? cause.code : `${cause.code}\n${provider}`;
}
