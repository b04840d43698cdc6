/** Access keys of AWS in the forms in which they come. Values: `accessKeyId`, `secretAccessKey`, perhaps `sessionToken`. */
import {
  type Answer,
  CredentialsError,
  type Fetched,
  type FetchTools,
  fieldsOf,
  localEnd,
  textOf,
} from '../fetching.ts';

/** One that does not end by itself. @param sessionToken empty or null for a lasting key */
export function lastingKey(accessKeyId: string, secretAccessKey: string, sessionToken: string | null): Fetched {
  const values = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  return { values, expiresAtMs: null };
}

/** The JSON of metadata services: of containers and of instances. */
export function keyOfMetadata(answer: Answer, from: string, tools: FetchTools): Fetched {
  const fields = fieldsOf(answer, from);
  return {
    values: {
      accessKeyId: textOf(fields, 'AccessKeyId', from),
      secretAccessKey: textOf(fields, 'SecretAccessKey', from),
      sessionToken: textOf(fields, 'Token', from),
    },
    expiresAtMs: endOf(textOf(fields, 'Expiration', from), from, answer, tools),
  };
}

/** When they end: an ISO time by the clock of AWS. */
export function endOf(time: string, from: string, answer: Answer, tools: FetchTools): number {
  const remoteMs = Date.parse(time);
  if (Number.isNaN(remoteMs)) throw new CredentialsError(`${from} does not say when its key ends`);
  return localEnd(remoteMs, answer, tools);
}
