/**
 * One exchange with a target, with fetched credentials where it takes such: those that are on their way are waited for a
 * moment, and what is refused because they have ended, or because this host's clock is wrong, is asked once more with
 * others. That is never blamed on the target or on a key.
 */
import type { RequestOutline } from '../../dialects/types.ts';
import { refusalOf } from '../../providers/credentials/refusal.ts';
import type { ModelConfig, ProviderConfig } from '../../shared/config.ts';
import type { HeldCredentials } from '../../shared/held-credentials.ts';
import { type AttemptEnd, runAttempt } from '../upstream/attempt.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import type { ActiveRequest } from './active-request.ts';
import { attemptPlan } from './attempt-plan.ts';
import { type PreparedRequest, reauthorized } from './prepare-attempt.ts';
import type { TargetChoice } from './targets/chosen-target.ts';

/** Makes it; never rejects. */
export function authorizedAttempt(
  request: ActiveRequest,
  model: ModelConfig,
  choice: TargetChoice,
  outline: RequestOutline,
  prepared: PreparedRequest,
): Promise<AttemptEnd> {
  const exchange = (ready: PreparedRequest) =>
    runAttempt(attemptPlan(request, model, choice, outline, ready), request.plane.tools);
  return prepared.fetched === null ? exchange(prepared) : withFetched(request, choice, prepared, exchange);
}

async function withFetched(
  request: ActiveRequest,
  choice: TargetChoice,
  prepared: PreparedRequest,
  exchange: (ready: PreparedRequest) => Promise<AttemptEnd>,
): Promise<AttemptEnd> {
  const { credentials } = request.plane;
  const { provider } = choice;
  let ready = prepared;
  if (ready.fetched === 'missing' && (await credentials.first(provider)) !== null) {
    ready = reauthorized(request, choice, ready);
  }
  const used = ready.fetched;
  if (used === 'missing' || used === null) return lacking('none have come');
  const end = await exchange(ready);
  const refusal = end.kind === 'failed' ? refusalIn(end.failure) : null;
  if (end.kind !== 'failed' || refusal === null || request.cancellation.reason !== null) return end;
  const cure = refusal === 'skewed' ? corrected(request, end.failure) : await replaced(request, provider, used);
  if (cure === 'none') return lacking(refusal === 'skewed' ? "this host's clock is wrong" : 'they are taken no more');
  if (cure === 'useless') return end;
  const again = await exchange(reauthorized(request, choice, ready));
  const isSkewed = again.kind === 'failed' && refusalIn(again.failure) === 'skewed';
  return isSkewed ? lacking("this host's clock is wrong") : again;
}

/** Whether asking once more can help: `useless` where the refusal stands, `none` where there is nothing to ask with. */
type Cure = 'found' | 'useless' | 'none';

/** Signs by the provider's clock from now on. */
function corrected({ plane }: ActiveRequest, { headers }: AttemptFailure): Cure {
  return plane.credentials.learnClock(headers?.date) ? 'found' : 'none';
}

/** What is fresh is refused for another reason than its age, as any key may be. */
async function replaced({ plane }: ActiveRequest, provider: ProviderConfig, used: HeldCredentials): Promise<Cure> {
  const renewed = await plane.credentials.renewed(provider, used);
  if (renewed === null) return 'none';
  return renewed === used ? 'useless' : 'found';
}

function refusalIn({ fault, error, headers }: AttemptFailure): ReturnType<typeof refusalOf> {
  if (fault.kind !== 'status') return null;
  const named = headers?.['x-amzn-errortype'];
  return refusalOf(
    fault.status,
    `${typeof named === 'string' ? named : ''} ${error?.code ?? ''} ${error?.message ?? ''}`,
  );
}

function lacking(reason: string): AttemptEnd {
  return { kind: 'failed', failure: { fault: { kind: 'no-credentials' }, cause: new Error(reason) } };
}
