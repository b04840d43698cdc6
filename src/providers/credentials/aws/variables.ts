/** An access key in the usual variables. */
import type { Place } from '../fetching.ts';
import { lastingKey } from './access-key.ts';

/** Null unless both the id and the secret are set. */
export const keyOfVariables: Place = async (_settings, { variable }) => {
  const [id, secret] = [variable('AWS_ACCESS_KEY_ID'), variable('AWS_SECRET_ACCESS_KEY')];
  return id === null || secret === null ? null : lastingKey(id, secret, variable('AWS_SESSION_TOKEN'));
};
