/**
 * Starts a cooldown, here at once and for all workers by its event: the primary decides how long it lasts.
 */
import type { CooldownReason } from '../../../shared/events.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { MadeAttempt } from './record-attempt.ts';

/**
 * The key of an attempt cools down for its model; a refused one, for all of its provider's targets.
 *
 * @param retryAfterMs what the provider asked for
 */
export function startCooldown(
  { plane }: ActiveRequest,
  { target: { provider, model }, key }: Pick<MadeAttempt, 'target' | 'key'>,
  reason: CooldownReason,
  retryAfterMs: number | null,
): void {
  const started = {
    type: 'cooldown-started',
    provider,
    key,
    model: reason === 'auth' ? null : model,
    reason,
    retryAfterMs,
  } as const;
  plane.outbox.push(started);
  plane.gate.coolDownLocally(started);
}
