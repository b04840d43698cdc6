/** Asks a gateway's data port for its health. Workers serve it even if the primary, and so the admin port, is gone. */
import type { Agent } from 'node:https';
import { asRecord, parseJson } from '../shared/json.ts';

const TIMEOUT_MS = 2_000;

/**
 * The status that `/health` returns; null if there is no answer, or one that is not from a gateway.
 *
 * @param agent of `own-certificate.ts`
 */
export async function askHealth(
  url: string,
  agent: { readonly https?: Agent } = {},
): Promise<'ok' | 'draining' | null> {
  const { default: got, RequestError } = await import('got');
  const answer = await got(`${url}/health`, {
    agent,
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
