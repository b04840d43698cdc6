/** An access key in the usual variables. */
import type { Place } from '../fetching.ts';
import { lastingKey } from './access-key.ts';

export const keyOfVariables: Place = async (_settings, { variable }) => {
  const [id, secret] = [variable('AWS_ACCESS_KEY_ID'), variable('AWS_SECRET_ACCESS_KEY')];
  return id === null || secret === null ? null : lastingKey(id, secret, variable('AWS_SESSION_TOKEN'));
};
