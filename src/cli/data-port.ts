/** Asks a gateway's data port how it is. Workers serve there also while they have no primary, and so no admin port. */
import { asRecord, parseJson } from '../shared/json.ts';

const TIMEOUT_MS = 2_000;

/** What `/health` says; null where nobody answers, or not as a gateway does. */
export async function askHealth(url: string): Promise<'ok' | 'draining' | null> {
  const { default: got, RequestError } = await import('got');
  const answer = await got(`${url}/health`, {
    retry: { limit: 0 },
    timeout: { request: TIMEOUT_MS },
    followRedirect: false,
    throwHttpErrors: false,
  }).catch((error: unknown) => {
    if (error instanceof RequestError) return null;
    throw error;
  });
  const status = asRecord(parseJson(answer?.body ?? ''))?.status;
  return status === 'ok' || status === 'draining' ? status : null;
}
