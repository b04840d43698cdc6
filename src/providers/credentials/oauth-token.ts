/** A bearer token from an OAuth endpoint or a metadata server: the form that Google and Microsoft share. */
import {
  type Answer,
  CredentialsError,
  type Fetched,
  type FetchTools,
  fieldsOf,
  localEnd,
  textOf,
} from './fetching.ts';

/**
 * Reads `access_token` and its end: `expires_in` in seconds, or `expires_on` in unix seconds; each may be a text.
 *
 * @param from who answered, for errors
 */
export function tokenOf(answer: Answer, from: string, tools: FetchTools): Fetched {
  const fields = fieldsOf(answer, from);
  const token = textOf(fields, 'access_token', from);
  const [lifeSeconds, endSeconds] = [Number(fields.expires_in ?? Number.NaN), Number(fields.expires_on ?? Number.NaN)];
  if (Number.isFinite(lifeSeconds)) return { values: { token }, expiresAtMs: tools.nowMs() + lifeSeconds * 1000 };
  if (Number.isFinite(endSeconds)) {
    return { values: { token }, expiresAtMs: localEnd(endSeconds * 1000, answer, tools) };
  }
  throw new CredentialsError(`${from} does not say when its token ends`);
}
